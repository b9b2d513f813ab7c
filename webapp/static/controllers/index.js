// Registers every controller under the name that templates use in data-controller. One line per controller.
import { Application } from "../vendor/stimulus/stimulus.js";

import { watchHtmx } from "../htmx_setup.js";
import TabsController from "./tabs_controller.js";
import ThemeController from "./theme_controller.js";
import ToastsController from "./toasts_controller.js";

const application = Application.start();
application.register("tabs", TabsController);
application.register("theme", ThemeController);
application.register("toasts", ToastsController);

watchHtmx();
