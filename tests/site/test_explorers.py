"""The explorers on the site, as readers use them: by mouse, keyboard, link and address."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from built_site import SITE
from explorer_pages import PAGES, numbers, opened, standing
from playwright.sync_api import expect
from test_browser import AXE_FINDINGS, AXE_SOURCE, SETTLED, Watched
from thoroughly import some

from inference_economics_notebook.explorers import SPECS
from inference_economics_notebook.explorers.bundle import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
HEAVIEST = 60_000  # bytes, compressed

# What a reader, or somebody else's link, may put in: texts, numbers that are none, and scripts.
NONSENSE = [
    "a lot", "NaN", "1e400", "-5", "-1e400", "", "   ", "Infinity", "1e-400x", "__proto__", "0x10",
    "<script>window.injected = 1</script>", "<img src=x onerror='window.injected = 1'>",
    "'\"><svg onload=window.injected=1>", "1 2 3", "5 apples", "٣", "1" * 500 + "z",
]  # fmt: skip
ADDRESSES = [
    "", "~", "~~~", "1", "1~", "1~nothing.0000", "x~post", "-1~post", "999~post.0000~synapses:5",
    "1~__proto__.0000", "1~constructor", "1~post.0000~__proto__:1~constructor:2~toString:3",
    "1~post~off:__proto__.nothing", "1~post~synapses:NaN~bits_per_synapse:1e400",
    "1~post~synapses:-5~neurons:abc~bits_below:<script>window.injected=1</script>",
    "1~post~synapses", "1~post~:5", "1~post~synapses:1:2", "1~<img src=x onerror=injected=1>",
    "%E0%A4%A", "1~post~synapses:0x10", "1~post~off", "1~post~synapses:",
]  # fmt: skip


# By how many pixels an explorer grows while its sliders go to and fro.
GROWTH = """(root) => {
  const sliders = [...root.querySelectorAll(".ex-fields .ex-field:not([hidden]) .ex-slider")];
  const seen = [];
  for (let k = 0; k < 60; k += 1) {
    const slider = sliders[k % sliders.length];
    slider.value = Number(slider.value) + ((k * 7) % 13) - 6;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    seen.push(root.getBoundingClientRect().height);
  }
  return Math.max(...seen) - Math.min(...seen);
}"""


# The pairs of labels in a chart that lie over each other, by more than their own edges.
OVERLAPS = """(root) => {
  const texts = [...root.querySelectorAll(".ex-chart text")];
  const labels = texts.map((text) => [text.textContent, text.getBBox()]);
  return labels.flatMap(([name, a], k) => labels.slice(k + 1).filter(([, b]) =>
    Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 2 &&
    Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 4,
  ).map(([other]) => `${name} | ${other}`));
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser profile that nobody has used; what a page throws fails the test."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    found: list[str] = []
    context.on("weberror", lambda error: found.append(str(error.error)))
    context.on(
        "console", lambda m: found.append(m.text) if m.type in ("error", "warning") else None
    )
    yield context
    assert found == []
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Give a page of that profile."""
    return context.new_page()


def box(root: Locator, name: str) -> Locator:
    """Find the box of an input."""
    return root.locator(f'[data-field="{name}"] .ex-box')


def note(root: Locator, name: str) -> Locator:
    """Find what is said about an input."""
    return root.locator(f'[data-field="{name}"] .ex-note')


def copied(page: Page, root: Locator, action: str) -> str:
    """Press a button that copies, and give what it copied."""
    root.locator(f'[data-action="{action}"]').click()
    expect(root.locator(f'[data-action="{action}"]')).to_have_text("Copied")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def settle(page: Page) -> None:
    """Wait until nothing on the page moves any more."""
    page.wait_for_load_state("networkidle")
    page.evaluate(SETTLED)


def moved(root: Locator, steps: int = 7) -> None:
    """Move the first slider by its keys."""
    slider = root.locator(".ex-slider").first
    slider.focus()
    for _ in range(steps):
        slider.press("ArrowRight")


def test_explorers_stand_where_they_should() -> None:
    assert ("index.html", "sharing") in standing()
    assert {(name, id) for id, name in PAGES.items()} <= set(standing())


@pytest.mark.parametrize(("name", "id"), some(standing(), 4))
def test_works_on_every_page_and_asks_no_other_host(
    name: str, id: str, browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport=WIDE, color_scheme="dark", reduced_motion="reduce")
    page = context.new_page()
    watched = Watched(page, address)
    root = opened(page, address, id, address + name)
    before = numbers(root)
    moved(root)
    assert numbers(root) != before
    expect(root.locator(".ex-chart svg")).to_have_attribute("aria-label", re.compile(r"\w+ \w+"))
    page.evaluate(AXE_SOURCE)
    for theme, viewport in (("dark", WIDE), ("light", NARROW)):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=theme)
        found = page.evaluate(AXE_FINDINGS, [theme, f"#explorer-{id}"])
        assert watched.notes + found == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


@pytest.mark.parametrize("id", SPECS)
def test_numbers_stand_there_before_any_script_runs(
    id: str, browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + PAGES[id])
    text = page.locator(f"#explorer-{id}").inner_text()
    spec = SPECS[id]()
    start = "facts" if id == "brain" else spec.first
    results = spec.results(spec.state(start))
    for name, output in spec.outputs.items():
        if output.listed:
            assert output.shown(results.numbers[name]) in text, name
    context.close()


@pytest.mark.parametrize("id", SPECS)
def test_is_light(id: str) -> None:
    files = [SITE / "explorers" / name for name in (f"{id}.js", "site.js", "explorer.css")]
    page = (SITE / PAGES[id]).read_text(encoding="utf8")
    markup = page[page.index(f'id="explorer-{id}"') : page.index("</section>")]
    bodies = [*(path.read_bytes() for path in files), markup.encode()]
    assert sum(len(gzip.compress(body, 6)) for body in bodies) < HEAVIEST


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_is_fetched_only_when_it_comes_near_and_moves_nothing(
    id: str, page: Page, address: str
) -> None:
    page.add_init_script(
        "window.shifts = [];"
        "new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map("
        "(e) => [e.value, e.startTime]))).observe({ type: 'layout-shift', buffered: true });"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + PAGES[id], wait_until="networkidle")
    assert not [url for url in asked if url.endswith(f"explorers/{id}.js")]
    start = page.evaluate("performance.now()")
    root = page.locator(f"#explorer-{id}")
    root.scroll_into_view_if_needed()
    page.wait_for_selector(f"#explorer-{id}[data-live]")
    page.wait_for_timeout(300)
    assert [url for url in asked if url.endswith(f"explorers/{id}.js")]
    shifts = page.evaluate("window.shifts")
    assert [value for value, time in shifts if time > start] == []


@pytest.mark.parametrize("id", SPECS)
def test_no_slider_moves_what_stands_below(id: str, page: Page, address: str) -> None:
    root = opened(page, address, id)
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        assert root.evaluate(GROWTH) < 2


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_a_link_opened_elsewhere_shows_the_same(
    id: str, page: Page, address: str, browser: Browser
) -> None:
    spec = SPECS[id]()
    root = opened(page, address, id)
    root.locator("[data-preset]").select_option(list(spec.presets)[1])
    for slider in root.locator(".ex-fields .ex-field:not([hidden]) .ex-slider").all()[:3]:
        slider.press("ArrowLeft")
    for term in root.locator("[data-term]").all()[:1]:
        term.click()
    link = copied(page, root, "link")
    assert link.startswith(address)
    profile = browser.new_context(viewport=NARROW, reduced_motion="reduce")
    elsewhere = opened(profile.new_page(), address, id, link)
    assert numbers(elsewhere) == numbers(root)
    expect(elsewhere.locator("[data-link]")).to_be_empty()
    settle(elsewhere.page)
    expect(elsewhere).to_be_in_viewport()
    profile.close()


def test_a_link_says_what_cannot_be_read(page: Page, address: str) -> None:
    stamp = SPECS["brain"]().presets["facts"].stamp
    said = {
        f"1~facts.{stamp}~synapses:1e15": "",
        f"1~facts.{stamp}~gone:5": "“gone” is not known here.",
        f"1~facts.{stamp}~synapses:many": "Synapses: “many” is not a number.",
        f"1~facts.{stamp}~synapses:-5": "Synapses: synapses = -5: must be a positive number",
        "1~facts.0000~synapses:1e15": "The figures that it starts from have changed",
        "1~lost.0000~synapses:1e15": "It starts from “lost”, which is not there.",
        f"2~facts.{stamp}~synapses:1e15": "from a later version of the book",
        f"1~facts.{stamp}~off:wiring.toString": "“toString” is not known here.",
        f"1~facts.{stamp}~synapses": "Synapses: “” is not a number.",
    }
    for text, message in said.items():
        root = opened(page, address, "brain", f"{address}{PAGES['brain']}?brain={text}")
        expect(root.locator("[data-link]")).to_contain_text(message)
        if not message:
            expect(root.locator("[data-link]")).to_be_empty()
        if "1e15" in text:
            expect(box(root, "synapses")).to_have_value("1,000 trillion")


def test_a_link_from_before_an_input_was_renamed_still_says_the_same(
    page: Page, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference_economics_notebook.explorers.spec.LINK_VERSION", 3)
    names = {1: {"brains": "neuron_count"}, 2: {"neuron_count": "neurons"}}
    script = bundle(replace(SPECS["brain"](), renamed=names), module=False)
    page.route("**/explorers/brain.js", lambda route: route.fulfill(body=script))
    stamp = SPECS["brain"]().presets["facts"].stamp
    for version, name in ((1, "brains"), (2, "neuron_count"), (3, "neurons")):
        link = f"{address}{PAGES['brain']}?brain={version}~facts.{stamp}~{name}:5e10"
        root = opened(page, address, "brain", link)
        expect(box(root, "neurons")).to_have_value("50 billion")
        expect(root.locator("[data-link]")).to_be_empty()
    old = f"{address}{PAGES['brain']}?brain=3~facts.{stamp}~brains:5e10"
    expect(opened(page, address, "brain", old).locator("[data-link]")).to_contain_text("“brains”")


def test_an_address_that_makes_no_sense_breaks_nothing(page: Page, address: str) -> None:
    root = opened(page, address, "brain", f"{address}{PAGES['brain']}?brain={ADDRESSES[0]}")
    for text in ADDRESSES:
        page.evaluate(
            """(text) => {
              history.pushState(null, "", `?brain=${text}`);
              window.dispatchEvent(new PopStateEvent("popstate"));
            }""",
            text,
        )
        page.evaluate("new Promise((painted) => setTimeout(painted))")
        found = numbers(root)
        assert all(float(found[n]) >= 0 for n in ("central", "low", "median", "high")), text
        assert page.evaluate("window.injected") is None, text
    moved(root)
    assert numbers(root) != found


REFUSED = "must be|write|too large|needs its unit"
TYPED = """(root, texts) => [...root.querySelectorAll(".ex-field:not([hidden]) .ex-box")]
  .filter((box) => box.offsetParent)
  .flatMap((box) => texts.map((text) => {
    const kept = box.value;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
    const field = box.closest(".ex-field");
    return [field.dataset.field, text, kept, box.value,
      field.querySelector(".ex-note").textContent, box.getAttribute("aria-invalid")];
  }))"""


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_a_box_says_what_is_allowed_and_keeps_the_last_good_value(
    id: str, page: Page, address: str
) -> None:
    root = opened(page, address, id)
    for fold in root.locator("details").all():
        fold.locator("summary").first.click()
    before = numbers(root)
    first = box(root, SPECS[id]().main[0].name)
    kept = first.input_value()
    for text in NONSENSE:
        first.fill(text)
        first.press("Enter")  # answered at once: nothing to wait for
        said, shown, invalid = first.evaluate(
            """(box) => [box.closest(".ex-field").querySelector(".ex-note").textContent,
              box.value, box.getAttribute("aria-invalid")]"""
        )
        assert re.search(REFUSED, said), text
        assert "still" in said
        assert (shown, invalid) == (kept, "true")
    # In every box alike; typed by a script, since a key at a time takes a minute.
    answers = root.evaluate(TYPED, NONSENSE[:5])
    assert len(answers) == 5 * root.locator(".ex-box:visible").count() > 0
    for name, text, kept, shown, said, invalid in answers:
        assert re.search(REFUSED, said), (name, text, said)
        assert "still" in said
        assert (shown, invalid) == (kept, "true"), (name, text)
    assert numbers(root) == before
    assert page.evaluate("window.injected") is None


def test_a_box_reads_quantities_with_their_units(page: Page, address: str) -> None:
    root = opened(page, address, "sharing")
    typed = {
        "memory_bandwidth": ("3.35 TB/s", "3.35 TB/s"),
        "memory_capacity": ("141 GB", "141 GB"),
        "stored_parameters": ("1.6T", "1.6 trillion"),
        "peak_flops": ("1,979 TFLOP/s", "1.979 PFLOP/s"),
        "concurrent_users": ("2K", "2,000"),
    }
    for name, (text, shown) in typed.items():
        box(root, name).fill(text)
        box(root, name).press("Enter")
        expect(box(root, name)).to_have_value(shown)
        expect(note(root, name)).to_be_empty()


def test_what_is_typed_is_kept_to_the_last_digit(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    place = box(root, "concurrent_users")
    place.fill("1234567")
    place.press("Enter")
    expect(place).to_have_value("1.235 million")
    place.press("Enter")
    place.press("Tab")
    expect(page).to_have_url(re.compile("concurrent_users:1234567"))


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_a_box_reads_what_it_shows(id: str, page: Page, address: str) -> None:
    root = opened(page, address, id)
    spec = SPECS[id]()
    for preset in spec.presets:
        root.locator("[data-preset]").select_option(preset)
        notes = root.evaluate(
            """(root) => [...root.querySelectorAll(".ex-field:not([hidden]) .ex-box")]
              .filter((box) => box.value).map((box) => {
                box.value = ` ${box.value} `;  // not what is shown, to the letter
                box.dispatchEvent(new Event("change", { bubbles: true }));
                return box.closest(".ex-field").querySelector(".ex-note").textContent;
              })"""
        )
        assert notes
        assert set(notes) == {""}


def test_a_refusal_is_heard_and_ends_with_the_value(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    box(root, "daily_use").fill("a lot")
    box(root, "daily_use").press("Enter")
    expect(root.locator("[data-heard]")).to_contain_text('"a lot" is not a quantity')
    expect(note(root, "daily_use")).to_contain_text("still 10 min")
    root.locator('[data-field="daily_use"] .ex-slider').press("ArrowRight")
    expect(note(root, "daily_use")).to_be_empty()
    assert box(root, "daily_use").get_attribute("aria-invalid") is None


def test_the_arithmetic_is_worked_with_the_current_numbers(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    root.locator(".ex-worked summary").click()
    box(root, "concurrent_users").fill("2000")
    box(root, "concurrent_users").press("Enter")
    line = root.locator('[data-worked="user_base"]')
    found = line.evaluate(
        "(line) => Object.fromEntries([...line.querySelectorAll('[data-value]')]"
        ".map((place) => [place.dataset.value, place.textContent]))"
    )
    assert found == {
        "concurrent_users": "2,000 users", "time_share": "0.6944%", "user_base": "288,000 users"
    }  # fmt: skip


def test_values_fitted_to_measurements_are_a_button_away(page: Page, address: str) -> None:
    root = opened(page, address, "sharing")
    preset = SPECS["sharing"]().presets["llama-h100"]
    root.locator("[data-preset]").select_option("llama-h100")
    root.locator(".ex-more summary").click()
    root.locator('[data-action="fitted"]').click()
    expect(page).to_have_url(re.compile("bandwidth_share:"))
    link = dict(part.split(":") for part in page.url.split("~")[2:])
    changed = {n: v for n, v in preset.extra["fitted"].items() if v != preset.values[n]}
    assert {name: float(value) for name, value in link.items()} == changed


def test_accelerators_come_in_whole_copies_and_the_slider_never_sticks(
    page: Page, address: str
) -> None:
    root = opened(page, address, "sharing")
    root.locator("[data-preset]").select_option("deepseek")
    slider = root.locator('[data-field="chips"] .ex-slider')
    for key, wanted in (("ArrowRight", "288"), ("ArrowRight", "432"), ("ArrowLeft", "288")):
        slider.press(key)
        expect(box(root, "chips")).to_have_value(wanted)


@pytest.mark.parametrize(
    ("id", "name"), [("sharing", "concurrent_users"), ("chips", "token_interval")]
)
def test_the_point_can_be_dragged_and_let_go_anywhere(
    id: str, name: str, page: Page, address: str
) -> None:
    root = opened(page, address, id)
    settle(page)
    chart = root.locator(".ex-chart svg")
    chart.scroll_into_view_if_needed()
    place = chart.bounding_box()
    assert place is not None
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + 0.4 * place["width"], middle)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.7 * place["width"], middle, steps=4)
    dragged = box(root, name).input_value()
    page.mouse.move(place["x"] + 0.7 * place["width"], place["y"] - 60)
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"{name}:"))
    assert box(root, name).input_value() == dragged
    page.go_back()
    expect(box(root, name)).not_to_have_value(dragged)
    expect(root.locator(".ex-changed")).to_have_count(0)


def test_a_button_says_again_what_it_does(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    for _ in range(2):
        root.locator('[data-action="link"]').click()
    expect(root.locator('[data-action="link"]')).to_have_text("Copied")
    expect(root.locator('[data-action="link"]')).to_have_text("Copy link")


def test_a_number_without_the_unit_that_it_needs_is_refused(page: Page, address: str) -> None:
    root = opened(page, address, "sharing")
    box(root, "memory_capacity").fill("141")
    box(root, "memory_capacity").press("Enter")
    expect(note(root, "memory_capacity")).to_have_text(
        '“141” needs its unit, as in "GB"; still 80 GB.'
    )
    box(root, "memory_capacity").fill("75 GiB")
    box(root, "memory_capacity").press("Enter")
    expect(box(root, "memory_capacity")).to_have_value("80.53 GB")
    box(root, "peak_flops").fill("989 TFLOPS")
    box(root, "peak_flops").press("Enter")
    expect(box(root, "peak_flops")).to_have_value("989 TFLOP/s")


def test_what_cannot_be_is_said_in_words(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    about = SPECS["users"]().presets["post"].note
    expect(root.locator("[data-about]")).to_have_text(about)
    box(root, "concurrent_users").fill("295 users")
    box(root, "concurrent_users").press("Enter")
    expect(box(root, "concurrent_users")).to_have_value("295")
    expect(root.locator("[data-about]")).to_have_text(f"Before your changes: {about}")
    box(root, "daily_use").fill("25 h")
    box(root, "daily_use").press("Enter")
    expect(root.locator("[data-sentence]")).to_have_text(
        "With these inputs the share of the day that a user is being served comes to 104%; "
        "it must be a share between 0 and 1."
    )


def test_no_mark_of_another_conclusion_stays(page: Page, address: str) -> None:
    root = opened(page, address, "flip")
    first = root.locator(".ex-chart svg").inner_html()
    for preset in reversed(SPECS["flip"]().presets):
        root.locator("[data-preset]").select_option(preset)
        expect(root.locator(".ex-threshold")).to_have_count(1)
    assert root.locator(".ex-chart svg").inner_html() == first


def test_the_arithmetic_of_a_preset_without_a_rent_says_nothing_of_cost(
    page: Page, address: str
) -> None:
    root = opened(page, address, "sharing")
    root.locator(".ex-worked summary").click()
    root.locator("[data-preset]").select_option("mac")
    expect(root.locator('[data-worked="cost_per_token"]')).to_be_hidden()
    expect(root.locator('[data-worked="step_time"]')).to_be_visible()
    expect(root.locator('[data-output="cost_per_token"]')).to_have_text("no rent given")
    expect(page).to_have_url(re.compile("sharing=1~mac"))


def test_a_field_that_does_not_count_says_so(page: Page, address: str) -> None:
    root = opened(page, address, "sharing")
    context = root.locator('[data-field="context"]')
    expect(context).to_have_class(re.compile("ex-idle"))
    root.locator('[data-term="caches"]').click()
    expect(context).not_to_have_class(re.compile("ex-idle"))


def test_a_model_that_does_not_fit_is_not_served(page: Page, address: str) -> None:
    root = opened(page, address, "sharing")
    box(root, "chips").fill("10")
    box(root, "chips").press("Enter")
    expect(root.locator("[data-sentence]")).to_contain_text("It does not fit")
    expect(root.locator('[data-output="throughput"]')).to_have_text("–")
    expect(root.locator("[data-heard]")).to_contain_text("It does not fit")


def test_back_undoes_and_forward_does_again(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    first = numbers(root)
    moved(root, 1)
    second = numbers(root)
    box(root, "daily_use").fill("5 min")
    box(root, "daily_use").press("Enter")
    third = numbers(root)
    assert len({str(each) for each in (first, second, third)}) == 3
    page.go_back()
    assert numbers(root) == second
    page.go_back()
    assert numbers(root) == first
    page.go_forward()
    assert numbers(root) == second
    root.locator('[data-action="reset"]').click()
    assert numbers(root) == first


def test_what_is_copied_for_a_comment(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    box(root, "concurrent_users").fill("20K")
    box(root, "concurrent_users").press("Enter")
    text = copied(page, root, "comment")
    assert text.startswith("**How many users?**: To serve 20,000 users at once takes 2.88 million")
    assert "- Users served at once: 20,000\n" in text
    assert "- Time a user spends in a day: 10 min\n" in text
    link = re.search(r"\[Change them\]\((.*?)\)", text)
    assert link is not None
    assert numbers(opened(page, address, "users", link[1]))["steady"] == str(2_880_000)


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_data_and_chart_can_be_kept(id: str, page: Page, address: str, tmp_path: Path) -> None:
    root = opened(page, address, id)
    for action in ("csv", "svg"):
        with page.expect_download() as waiting:
            root.locator(f'[data-action="{action}"]').click()
        assert waiting.value.suggested_filename == f"{id}.{action}"
        waiting.value.save_as(tmp_path / f"{id}.{action}")
    lines = (tmp_path / f"{id}.csv").read_text(encoding="utf8").splitlines()
    origin = [line for line in lines if line.startswith("# ")]
    spec = SPECS[id]()
    assert any(line.startswith(f"# {spec.main[0].label}: ") for line in origin)
    assert origin[0].startswith(f"# {spec.title}: ")
    assert origin[-1].startswith(f"# {address}")
    assert f"?{id}=" in origin[-1]
    head, *rows = csv.reader(lines[len(origin) :])
    assert len(rows) > 3
    assert {len(row) for row in rows} == {len(head)}
    drawing = (tmp_path / f"{id}.svg").read_text(encoding="utf8")
    assert ET.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
    assert f"<desc>{spec.title}: " in drawing
    assert 'class="' not in drawing
    assert "var(" not in drawing


@pytest.mark.parametrize("id", some(SPECS, 5))
def test_the_keyboard_does_everything(id: str, page: Page, address: str) -> None:
    spec = SPECS[id]()
    root = opened(page, address, id)
    root.locator("[data-preset]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    reached, changed = [], []
    seen = numbers(root)
    here = f"document.activeElement.closest('#explorer-{id}') && document.activeElement"
    for _ in range(120):
        element = page.evaluate_handle(here).as_element()
        if element is None:
            break
        assert element.evaluate("(e) => e.matches(':focus-visible')")
        kind = element.evaluate(
            "(e) => e.dataset.action ?? e.dataset.term ?? (e.matches('[data-preset]') ? 'preset' "
            ": e.matches('summary') ? 'fold' : e.className)"
        )
        reached.append(kind)
        if kind == "ex-slider":
            page.keyboard.press("ArrowRight" if element.input_value() == "0" else "ArrowLeft")
        elif kind == "fold":
            page.keyboard.press("Enter")
        elif kind in spec.terms:
            page.keyboard.press("Space")
        elif kind == "ex-box":
            value = element.input_value()
            page.keyboard.press("Control+A")
            page.keyboard.insert_text("nonsense")
            page.keyboard.press("Enter")
            assert element.input_value() == value
        elif kind in ("link", "embed", "comment"):
            page.keyboard.press("Enter")
            expect(root.locator(f'[data-action="{kind}"]')).to_have_text("Copied")
        if numbers(root) != seen:
            changed.append(kind)
            seen = numbers(root)
        page.keyboard.press("Tab")
    actions = {"reset", "link", "embed", "comment", "csv", "svg"}
    assert {"preset", "ex-box", "ex-slider"} | actions <= set(reached)
    assert set(spec.terms) <= set(reached)
    visible = root.locator(".ex-box:visible").count()
    assert reached.count("ex-box") == visible
    assert "ex-slider" in changed


def test_a_finger_moves_the_point_and_the_page_still_scrolls(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)
    page = context.new_page()
    root = opened(page, address, "sharing")
    settle(page)
    chart = root.locator(".ex-chart svg")
    chart.scroll_into_view_if_needed()
    assert chart.evaluate("(e) => getComputedStyle(e).touchAction") == "pan-y"
    before = box(root, "concurrent_users").input_value()
    place = chart.bounding_box()
    assert place is not None
    page.touchscreen.tap(place["x"] + 0.8 * place["width"], place["y"] + place["height"] / 3)
    assert box(root, "concurrent_users").input_value() != before
    context.close()


def test_the_chart_stays_in_sight_on_a_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    for id in ("sharing", "flip"):
        root = opened(page, address, id)
        last = root.locator(".ex-fields .ex-field:not([hidden]) .ex-slider").nth(3)
        last.scroll_into_view_if_needed()
        expect(root.locator(".ex-chart")).to_be_in_viewport()
    context.close()


@pytest.mark.parametrize("id", PAGES)
def test_on_a_phone_no_label_of_a_chart_lies_over_another(
    id: str, page: Page, address: str
) -> None:
    page.set_viewport_size(NARROW)
    root = opened(page, address, id, f"{address}explorers/{id}.html")
    for preset in SPECS[id]().presets:
        root.locator("[data-preset]").select_option(preset)
        assert root.evaluate(OVERLAPS) == [], preset


def test_printed_it_shows_the_current_state(page: Page, address: str) -> None:
    root = opened(page, address, "users")
    moved(root)
    shown = root.locator('[data-output="steady"]').inner_text()
    page.emulate_media(media="print")
    expect(root.locator('[data-output="steady"]')).to_have_text(shown)
    expect(root.locator('[data-output="steady"]')).to_be_visible()
    expect(root.locator(".ex-chart svg")).to_be_visible()
    expect(root.locator(".ex-actions")).to_be_hidden()
    expect(root.locator(".ex-slider").first).to_be_hidden()
