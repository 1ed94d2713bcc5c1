// One behaviour a file. Custom elements need no set-up after a swap; the rest listens on the document.
import "./appearance.js";
import "./autosubmit.js";
import "./charts.js";
import "./copy.js";
import "./dialogs.js";
import "./forms.js";
import "./kanban-board.js";
import "./live-updates.js";
import "./menus.js";
import "./palette.js";
import "./passkeys.js";
import "./relative-time.js";
import "./requests.js";
import "./shortcuts.js";
import "./speed-clock.js";
import "./toasts.js";
