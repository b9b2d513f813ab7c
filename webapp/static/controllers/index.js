// Registers every controller under the name that templates use in data-controller. One line per controller.
import { Application } from "/static/vendor/stimulus/stimulus.js";

import { watchHtmx } from "../htmx_setup.js";
import ArrowKeysController from "./arrow_keys_controller.js";
import ConfirmNameController from "./confirm_name_controller.js";
import FreshnessController from "./freshness_controller.js";
import ProjectFormController from "./project_form_controller.js";
import TabsController from "./tabs_controller.js";
import ThemeController from "./theme_controller.js";
import ToastsController from "./toasts_controller.js";
import UploadController from "./upload_controller.js";

const application = Application.start();
application.register("arrow-keys", ArrowKeysController);
application.register("confirm-name", ConfirmNameController);
application.register("freshness", FreshnessController);
application.register("project-form", ProjectFormController);
application.register("tabs", TabsController);
application.register("theme", ThemeController);
application.register("toasts", ToastsController);
application.register("upload", UploadController);

watchHtmx();
