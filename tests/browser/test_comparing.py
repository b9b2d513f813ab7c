"""Comparing runs, searching and asking for a strength report, as a person does it in a browser."""

import csv

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import screenshot
from tests.support.site import Api, Site
from tests.workers.test_jobs import archive, ended_run, import_archive, new_project


@pytest.fixture(scope="module")
def api(site: Site) -> Api:
    return site.api()


@pytest.fixture(scope="module")
def project(api: Api) -> int:
    """A project with two runs of a few epochs."""
    project = new_project(api, "side by side")
    import_archive(api, project, archive(60))
    for seed in (1, 2):
        wish = {"architecture": "tiny_vgg", "max_epochs": 3, "seed": seed}
        number = api.post(f"projects/{project}/runs", json=wish)["number"]
        assert ended_run(api, project, number)["state"] == "done"
    return project


def test_two_runs_are_ticked_compared_and_their_curves_saved(page: Page, project: int) -> None:
    page.goto(f"/projects/{project}/runs/")
    for number in (1, 2):
        page.get_by_role("checkbox", name=f"Choose run {number}").check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    expect(page.get_by_role("heading", name="Who reads more?")).to_be_visible()
    expect(page.locator(".compare-charts canvas").first).to_be_visible()
    page.get_by_role("radio", name="Training images").check()
    expect(page.locator("[data-comparison-target=problem]")).to_be_hidden()
    expect(page.get_by_role("rowheader", name="Seed")).to_be_visible()
    screenshot(page, "compare")

    page.locator("summary[aria-label='Save loss']").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of all numbers").locator("visible=true").click()
    with download.value.path().open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["epoch"]) for row in rows] == [
        (run, epoch) for run in ("1", "2") for epoch in ("1", "2", "3")
    ]
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG drawing").locator("visible=true").click()
    assert download.value.path().read_text().count("<path") >= 2


def test_a_search_is_started_watched_and_deleted_with_its_trials(page: Page, api: Api, project: int) -> None:
    page.goto(f"/projects/{project}/searches/")
    page.locator("label.choice", has=page.locator("input[value=tiny_vgg]")).click()
    page.locator("input[name=trials]").fill("2")
    page.locator("input[name=max_minutes]").fill("0.05")
    page.get_by_role("button", name="Start the search").click()
    page.wait_for_url("**/searches/1/")
    expect(page.get_by_text("2 of 2 trials ended")).to_be_visible(timeout=240_000)
    expect(page.get_by_role("heading", name="Best so far")).to_be_visible()
    screenshot(page, "search")
    page.get_by_role("link", name="Trial 2", exact=True).first.click()
    expect(page.get_by_role("heading", name="Run 4")).to_be_visible()

    page.goto(f"/projects/{project}/searches/1/")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("2 models with their files")).to_be_visible()
    screenshot(page, "search-delete")
    page.get_by_role("button", name="Delete search 1").click()
    expect(page.get_by_text("Search 1 and all that came of its trials is deleted.")).to_be_visible()
    assert [run["number"] for run in api.get(f"projects/{project}/runs")["items"]] == [2, 1]


def test_a_strength_report_is_asked_for_watched_stopped_and_deleted(page: Page, project: int) -> None:
    page.goto(f"/projects/{project}/runs/")
    page.get_by_role("link", name="Strength").click()
    page.locator("input[name=max_minutes]").fill("1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/strength/1/")
    expect(page.get_by_text("Training on").first).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("It was stopped before its end.")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    expect(
        page.get_by_text("the report cannot go on any more").or_(page.get_by_text("None was trained."))
    ).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    screenshot(page, "strength-delete-phone")
    page.get_by_role("button", name="Delete strength report 1").click()
    expect(page.get_by_text("Strength report 1 is deleted.")).to_be_visible()
