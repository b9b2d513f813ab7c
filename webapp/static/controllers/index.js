// Registers every controller under the name that templates use in data-controller. One line per controller.
import { Application } from "/static/vendor/stimulus/stimulus.js";

import { watchHtmx } from "../htmx_setup.js";
import ArrowKeysController from "./arrow_keys_controller.js";
import ChartController from "./chart_controller.js";
import ChoicePanelsController from "./choice_panels_controller.js";
import ComparisonController from "./comparison_controller.js";
import ConfirmNameController from "./confirm_name_controller.js";
import FreshnessController from "./freshness_controller.js";
import LabelController from "./label_controller.js";
import MenuController from "./menu_controller.js";
import ProjectFormController from "./project_form_controller.js";
import ReadController from "./read_controller.js";
import ReadingCardsController from "./reading_cards_controller.js";
import RecipeController from "./recipe_controller.js";
import ReviewController from "./review_controller.js";
import RunController from "./run_controller.js";
import SearchEstimateController from "./search_estimate_controller.js";
import SheetController from "./sheet_controller.js";
import TabsController from "./tabs_controller.js";
import ThemeController from "./theme_controller.js";
import ToastsController from "./toasts_controller.js";
import UploadController from "./upload_controller.js";

const application = Application.start();
application.register("arrow-keys", ArrowKeysController);
application.register("chart", ChartController);
application.register("choice-panels", ChoicePanelsController);
application.register("comparison", ComparisonController);
application.register("confirm-name", ConfirmNameController);
application.register("freshness", FreshnessController);
application.register("label", LabelController);
application.register("menu", MenuController);
application.register("project-form", ProjectFormController);
application.register("read", ReadController);
application.register("reading-cards", ReadingCardsController);
application.register("recipe", RecipeController);
application.register("review", ReviewController);
application.register("run", RunController);
application.register("search-estimate", SearchEstimateController);
application.register("sheet", SheetController);
application.register("tabs", TabsController);
application.register("theme", ThemeController);
application.register("toasts", ToastsController);
application.register("upload", UploadController);

watchHtmx();
