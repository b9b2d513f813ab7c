"""API routes of training: runs, models, and reading images."""

from ninja import Router

from training.api_batches import router as batches_router
from training.api_comparison import router as comparison_router
from training.api_corrections import router as corrections_router
from training.api_datasets import router as datasets_router
from training.api_label_free import router as label_free_router
from training.api_models import router as models_router
from training.api_reading import router as reading_router
from training.api_run_watching import router as run_watching_router
from training.api_runs import router as runs_router
from training.api_searches import router as searches_router
from training.api_strength import router as strength_router
from training.api_suggestions import router as suggestions_router
from training.api_tracking import router as tracking_router

router = Router()
router.add_router("", datasets_router)
router.add_router("", runs_router)
router.add_router("", run_watching_router)
router.add_router("", label_free_router)
router.add_router("", comparison_router)
router.add_router("", searches_router)
router.add_router("", models_router)
router.add_router("", strength_router)
router.add_router("", suggestions_router)
router.add_router("", reading_router)
router.add_router("", batches_router)
router.add_router("", corrections_router)
router.add_router("", tracking_router)
