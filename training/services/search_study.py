"""A search as Optuna sees it: which values a trial tries, what came of it, and what mattered.

T. Akiba et al., "Optuna: A Next-generation Hyperparameter Optimization Framework", KDD 2019. The rows hold the truth: a
study is brought up to date from them before it is asked anything, so that whoever died between two steps left nothing
behind. Only workers and commands import this; pages read rows.
"""

import logging
import warnings
from contextlib import suppress
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning, StorageInternalError, UpdateFinishedTrialError
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.samplers import BaseSampler, PartialFixedSampler, TPESampler
from optuna.trial import TrialState

from labeling.jobs import ACTIVE_STATES, JobState
from training.models import Pruner, Run, Search
from training.recognition.architectures import get_architecture
from training.recognition.fit import BatchProgress, EpochMetrics
from training.recognition.search_space import Range
from training.services.search_storage import open_storage

logger = logging.getLogger(__name__)

STEPS = 10
"""Trials are compared at tenths of their time, however many epochs each has had by then."""

FEWEST_FOR_IMPORTANCE = 4

_RUN = "run"


class Trial:
    """A run as a trial: listens to its training, and ends it where trials before were better at the same point."""

    def __init__(self, trial: optuna.trial.Trial | None) -> None:
        """`trial` is None where its result stands already, as when somebody resumes a run that was ended early."""
        self.is_pruned = False
        self._trial = trial
        self._progress = 1.0
        self._best = 0.0
        self._step = 0

    def on_stage(self, stage: str) -> None: ...

    def on_batch(self, progress: BatchProgress) -> None:
        self._progress = progress.progress

    def on_epoch(self, metrics: EpochMetrics) -> None:
        """Report the best share of validation texts read right so far, for every tenth that is over."""
        if self._trial is None:
            return
        self._best = max(self._best, metrics.whole_string_accuracy)
        over = int(STEPS * min(self._progress, 1.0))
        if over <= self._step:
            return
        try:
            for step in range(self._step + 1, over + 1):
                self._trial.report(self._best, step)
            self._step = over
            self.is_pruned = self.is_pruned or (over < STEPS and self._trial.should_prune())
        except StorageInternalError as error:
            # Pruning saves time; a database that is away for a moment is no reason to fail.
            logger.warning("A trial could not be compared with others at %s0 %%: %s", over, error)

    def should_stop(self) -> bool:
        return self.is_pruned


def begin_trial(run: Run) -> Trial:
    """Choose the hyper-parameters of a run that was just claimed, by all that is known until now, and write them down.

    A run that begins again, say because its worker died, keeps those that it has.
    """
    search = run.search
    assert search is not None
    assert run.trial is not None
    # A seed of its own for each trial: workers with equal seeds would all try the same values.
    sampler: BaseSampler = TPESampler(seed=search.seed + run.trial, n_startup_trials=5)
    if run.trial == 1:
        # What everybody would choose without a search is always among what is compared.
        with warnings.catch_warnings():
            # “Experimental”, as it has been called since 2020.
            warnings.simplefilter("ignore", ExperimentalWarning)
            sampler = PartialFixedSampler(_defaults(search), sampler)
    study = _study(search, sampler)
    _tell_results(study, search)
    known = next(
        (each for each in study.get_trials(deepcopy=False) if each.user_attrs.get(_RUN) == run.pk), None
    )
    if known is not None and known.state.is_finished():
        return Trial(None)
    if known is not None:
        trial = optuna.trial.Trial(study, known._trial_id)
    else:
        trial = study.ask(_distributions(search))
        trial.set_user_attr(_RUN, run.pk)
    run.beat(hyperparameters=search.fixed | trial.params)
    follows_positions = get_architecture(run.architecture).follows_positions
    return Trial(None if follows_positions else trial)


def weigh_parameters(search: Search) -> None:
    """Work out how much each hyper-parameter mattered, by a random forest over the trials, and keep it with the search.

    F. Hutter, H. Hoos, K. Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance" (fANOVA), ICML
    2014. Left empty where too few trials are done, or all are equally good.
    """
    study = _study(search)
    _tell_results(study, search)
    values = [trial.value for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))]
    if len(values) < FEWEST_FOR_IMPORTANCE or len(set(values)) < 2:
        return
    importance = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=search.seed))
    Search.objects.filter(pk=search.pk).update(
        importance={name: float(share) for name, share in importance.items()}
    )


def forget_study(search_pk: int) -> None:
    """Delete what Optuna keeps of a search; harmless where there is nothing."""
    storage = open_storage()
    if _name(search_pk) in optuna.get_all_study_names(storage):
        optuna.delete_study(study_name=_name(search_pk), storage=storage)


def _name(search_pk: int) -> str:
    return f"search-{search_pk}"


def _study(search: Search, sampler: BaseSampler | None = None) -> optuna.Study:
    return optuna.create_study(
        storage=open_storage(),
        study_name=_name(search.pk),
        direction="maximize",
        load_if_exists=True,
        sampler=sampler,
        pruner=_pruner(search),
    )


def _pruner(search: Search) -> optuna.pruners.BasePruner:
    if search.pruner == Pruner.MEDIAN:
        return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2, n_min_trials=3)
    if search.pruner == Pruner.HYPERBAND:
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=STEPS, reduction_factor=3)
    return optuna.pruners.NopPruner()


def _tell_results(study: optuna.Study, search: Search) -> None:
    """Tell a study what became of trials whose runs have ended."""
    open_trials = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    by_run = {trial.user_attrs[_RUN]: trial for trial in open_trials if _RUN in trial.user_attrs}
    for run in search.trials.filter(pk__in=by_run).exclude(state__in=ACTIVE_STATES):
        # `skip_if_finished` looks before it writes: another worker may tell the same between the two.
        with suppress(UpdateFinishedTrialError):
            study.tell(by_run[run.pk].number, skip_if_finished=True, **_result(run))


def _result(run: Run) -> dict[str, Any]:
    if run.state == JobState.DONE and run.trial_value is not None:
        return {"values": run.trial_value}
    return {"state": TrialState.FAIL if run.state == JobState.FAILED else TrialState.PRUNED}


def _distributions(search: Search) -> dict[str, BaseDistribution]:
    whole = {one.name: one.type is int for one in get_architecture(search.architecture).fields()}
    ranges = {name: Range.from_json(data) for name, data in search.space.items()}
    return {
        name: IntDistribution(int(one.low), int(one.high), log=one.log)
        if whole[name]
        else FloatDistribution(one.low, one.high, log=one.log)
        for name, one in ranges.items()
    }


def _defaults(search: Search) -> dict[str, float]:
    """The architecture's defaults, as near as the ranges allow."""
    defaults = {one.name: one.default for one in get_architecture(search.architecture).fields()}
    ranges = {name: Range.from_json(data) for name, data in search.space.items()}
    return {name: min(max(defaults[name], one.low), one.high) for name, one in ranges.items()}
