import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow, Window

# What a page is told to show, and what then stands in its lists.
SHOWN = {
    "team?team=S2": {"Team": "South 2 (Quillbrook)"},
    "team?team=locality%3AN": {"Team": "North"},
    "measure?measure=F04&team=S1": {
        "Measure": "Unallocated cases",
        "Where": "South 1 (Heronsmere)",
    },
    "measure?measure=H01&team=partnership%3Acalderbrook": {
        "Measure": "Emergency admissions",
        "Where": "Calderbrook Care Partnership",
    },
    "partnership?locality=S&kind=conventional": {"Locality": "South"},
}


def history(here: Window) -> int:
    return here.page.evaluate("window.history.length")


@pytest.mark.parametrize("path", SHOWN)
def test_an_address_shows_what_it_names(window: OpenWindow, path: str) -> None:
    here = window().go(path)

    for label, chosen in SHOWN[path].items():
        expect(here.page.get_by_role("combobox", name=label)).to_have_value(chosen)
    assert here.path == path


def test_an_address_carried_to_somebody_else_shows_them_the_same(window: OpenWindow) -> None:
    here = window().go("measure")
    here.choose("Measure", "Sickness absence")
    expect(here.page).to_have_url(f"{here.address}/measure?measure=W01&team=C1")
    here.choose("Where", "North 2 (Otterholm)")
    expect(here.heading).to_contain_text("North 2: more of the staff's time")

    there = window().go(here.path)

    assert there.sentence == here.settled().sentence
    assert there.page.locator(".tile.chosen").inner_text() == (
        here.page.locator(".tile.chosen").inner_text()
    )


def test_a_filtered_matrix_comes_back_from_its_address(window: OpenWindow) -> None:
    here = window().go("partnership?locality=S&kind=conventional")

    expect(here.page.locator(".matrix .team")).to_have_count(4)
    expect(here.page.locator(".matrix .title")).to_have_count(3)
    expect(here.page.get_by_role("radio", name="Conventional")).to_be_checked()


def test_the_address_is_completed_with_what_is_shown(window: OpenWindow) -> None:
    here = window().go("measure")

    expect(here.page).to_have_url(f"{here.address}/measure?measure=X01&team=C1")


@pytest.mark.parametrize("value", ["%3Cscript%3Ealert(1)%3C/script%3E", "N2%00"])
def test_what_is_not_known_falls_back_and_the_address_says_so(
    window: OpenWindow, value: str
) -> None:
    here = window().go(f"measure?measure={value}&team={value}")

    assert here.sentence.startswith("Central 1: answers that the experience was good")
    expect(here.page).to_have_url(f"{here.address}/measure?measure=X01&team=C1")


def test_a_cell_of_the_matrix_leads_to_its_team_and_measure(window: OpenWindow) -> None:
    here = window().go("partnership")
    row = here.page.locator(".matrix tr", has_text="North 2")

    row.locator("a.cell").nth(5).click()

    expect(here.heading).to_contain_text("North 2: more of the open cases than usual")
    expect(here.page).to_have_url(f"{here.address}/measure?measure=F04&team=N2")
    where = here.page.get_by_role("combobox", name="Where")
    expect(where).to_have_value("North 2 (Otterholm)")


def test_a_team_in_the_matrix_leads_to_its_page(window: OpenWindow) -> None:
    here = window().go("partnership")

    here.page.locator(".matrix").get_by_role("link", name="South 2", exact=True).click()

    expect(here.heading).to_contain_text("More referrals than usual are arriving")
    expect(here.page).to_have_url(f"{here.address}/team?team=S2")


def test_a_cell_can_be_opened_in_a_new_tab(window: OpenWindow) -> None:
    here = window().go("partnership")

    with here.page.context.expect_page() as opened:
        here.page.locator(".matrix a.cell").first.click(modifiers=["ControlOrMeta"])

    expect(opened.value).to_have_url(f"{here.address}/measure?measure=X01&team=C1")
    expect(opened.value.locator("h1")).to_contain_text("Central 1: answers that the experience")
    assert here.path.startswith("partnership")


def test_a_tile_far_down_the_page_shows_the_top_of_what_it_leads_to(window: OpenWindow) -> None:
    here = window().go("measure?measure=F02&team=C1")

    here.page.locator(".tile-title", has_text="South 4").click()

    expect(here.heading).to_contain_text("South 4: ")
    expect(here.heading).to_be_in_viewport()


def test_links_between_the_pages_keep_what_was_chosen(window: OpenWindow) -> None:
    here = window().go("team")
    here.choose("Team", "South 2 (Quillbrook)")
    expect(here.heading).to_contain_text("More referrals than usual")

    here.navigate("Measure")
    expect(here.page).to_have_url(f"{here.address}/measure?measure=X01&team=S2")
    here.choose("Measure", "Sickness absence")
    expect(here.page).to_have_url(f"{here.address}/measure?measure=W01&team=S2")
    here.navigate("Partnership")
    expect(here.page.locator(".matrix")).to_be_visible()
    here.navigate("Measure")

    expect(here.page).to_have_url(f"{here.address}/measure?measure=W01&team=S2")
    expect(here.heading).to_contain_text("South 2: staff time lost to sickness")


def test_back_and_forward_go_one_step_at_a_time_and_show_the_same_again(
    window: OpenWindow,
) -> None:
    here = window().go()
    before = history(here)
    steps = [("", here.sentence)]

    def arrived(path: str, sentence: str) -> None:
        expect(here.page).to_have_url(f"{here.address}/{path}")
        expect(here.heading).to_contain_text(sentence)
        steps.append((path, sentence))

    here.navigate("Team")
    arrived("team?team=C1", "Fewer people than usual are waiting: 122")
    here.choose("Team", "South 2 (Quillbrook)")
    arrived("team?team=S2", "More referrals than usual are arriving: 91")
    here.navigate("Partnership")
    arrived("partnership?locality=all&kind=both", "In North 2, emergency admissions fell")
    here.page.locator(".matrix tr", has_text="North 2").locator("a.cell").nth(3).click()
    arrived("measure?measure=F01&team=N2", "North 2: new referrals: 77")
    here.page.locator(".tile-title", has_text="South 1").click()
    arrived("measure?measure=F01&team=S1", "South 1: fewer referrals than usual are arriving: 79")
    assert history(here) == before + 5

    for path, sentence in reversed(steps[:-1]):
        here.page.go_back()
        expect(here.page).to_have_url(f"{here.address}/{path}")
        expect(here.heading).to_contain_text(sentence)
    for path, sentence in steps[1:3]:
        here.page.go_forward()
        expect(here.page).to_have_url(f"{here.address}/{path}")
        expect(here.heading).to_contain_text(sentence)
