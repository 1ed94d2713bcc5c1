"""E-mail: out by SMTP or a mail service, in by that service, by IMAP or by forwarding."""
