/* For the clinic's own site: <script src=".../static/js/embed-form.js" async></script> beside its form frames.
   Gives each frame the height of its form, and hands on where the visitor came from (utm, click ids, landing page). */
(() => {
  const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid"];

  const frames = () => document.querySelectorAll("iframe[data-recare-form]");

  const handOn = (frame) => {
    const here = new URLSearchParams(window.location.search);
    const address = new URL(frame.src);
    CAMPAIGN.filter((name) => here.get(name)).forEach((name) => address.searchParams.set(name, here.get(name)));
    address.searchParams.set("landing_page", window.location.href.slice(0, 500));
    if (document.referrer) address.searchParams.set("referrer", document.referrer.slice(0, 500));
    if (frame.src !== address.href) frame.src = address.href;
  };

  window.addEventListener("message", (event) => {
    const height = event.data && event.data.recareFormHeight;
    if (!Number.isFinite(height)) return;
    frames().forEach((frame) => {
      const isOurs = frame.contentWindow === event.source && new URL(frame.src).origin === event.origin;
      if (isOurs) frame.height = Math.min(Math.max(height, 200), 5000);
    });
  });
  frames().forEach(handOn);
})();
