"""What the roles of the legal domain answer in the simulation: extractor, writer and loop judge."""

import json
import random
import re
from collections.abc import Callable, Mapping

from evals.simulator.truth import NEGATIVES, Truth, draw, truth_in

POINTS = 15
"""Positive criteria of a legal item; with the negative ones they make 18."""
FIRST_DIFFICULTY, DIFFICULTY_SPREAD = 2.0, 0.5
"""The first item is too hard, as the published single-shot ones are."""
EASIER, HARDER = 0.9, 0.6
OVERRIDDEN, LOOSENED, MISLABELLED = 0.06, 0.08, 0.04
"""Shares of the writer's items that hold a courtroom phrase, a smaller rubric, or a weight outside its class."""
LOOP_JUDGE_ERROR = 0.05
"""The chance that the loop judge says the opposite of what the packet shows."""
NO_REASONS = "affirmed without opinion"
"""A document that says this is unsuitable."""

_MEASURED = re.compile(r"^(weak|strong) mean (\d\.\d\d), standard deviation (\d\.\d\d)", re.MULTILINE)
_CAPABILITIES = (
    "spot_the_deadline",
    "apply_rule_to_facts",
    "weigh_remedies",
    "separate_doctrines",
    "name_the_risk",
)
_BANDS = {"critically important": (8, 10), "important": (5, 7), "slightly important": (2, 4)}
_WORRIES = (
    "The lender says the date has passed, but nobody wrote to me before the sale.",
    "My brother signed for both of us and now the buyer wants everything back.",
    "The builder stopped halfway, kept the deposit and put a lien on the house.",
    "My insurer wants to take off what it paid me before, and I think that is wrong.",
)


def extractor(text: str, model: str, key: tuple[object, ...]) -> str:
    """The law in a document; none in one that only affirms."""
    suitable = NO_REASONS not in text.lower()
    source = draw("extractor", *key)
    return json.dumps(
        {
            "suitable_for_synthetic_question": suitable,
            "suitability_note": "It reasons on a rule." if suitable else "A summary affirmance without analysis.",
            "document_type": "court opinion" if suitable else "summary order",
            "topic_keywords": ["liens", "notice", "redemption"] if suitable else [],
            "issues": ["Whether a sale is final before the notice has been served."] if suitable else [],
            "facts": f"File {source.getrandbits(32):08x}: a house was sold, and the owner was told later."
            if suitable
            else "",
            "holdings": ["The period runs from notice, since an owner cannot act before."] if suitable else [],
        }
    )


def writer(text: str, model: str, key: tuple[object, ...]) -> str:
    """An item whose difficulty follows the packet; the model `sim-verbose` writes as long as it may."""
    source = draw("writer", *key)
    truth = Truth(_difficulty(text, source), f"{source.getrandbits(32):08x}", "none", POINTS)
    loose = "MODE: IMPROVE" in text and source.random() < LOOSENED
    rubric = _rubric(truth, source, loose)
    story = source.choice(_WORRIES)
    if model == "sim-verbose":
        story = " ".join([story, *_WORRIES * 3])[:760]
        rubric = [{**entry, "criterion": f"{entry['criterion']} {story}"[:250]} for entry in rubric]
    if source.random() < MISLABELLED:
        rubric[0]["weight_class"], rubric[0]["weight"] = "important", 9
    phrase = " They told me it is on appeal already." if source.random() < OVERRIDDEN else ""
    return json.dumps(
        {
            "target_capabilities": {
                "primary_focus": list(_CAPABILITIES[:2]),
                "secondary_focus": [_CAPABILITIES[2]],
                "rewards_summary": "Applying the rule to these facts.",
                "penalises_summary": "A flat denial of any remedy.",
            },
            "question": f"{story}{phrase} What can I still do, and what does it cost to wait? "
            f"My file is {truth.seed}. {truth.code()}",
            "rubric": rubric,
        }
    )


def loop_judge(text: str, model: str, key: tuple[object, ...]) -> str:
    """A verdict that follows the packet, mostly; the model `sim-accepts:low` accepts everything, as low."""
    measured = {name: (float(mean), float(spread)) for name, mean, spread in _MEASURED.findall(text)}
    weak, spread = measured["weak"]
    gap = measured["strong"][0] - weak
    suitability = "high" if spread >= 0.08 else "medium" if spread >= 0.04 else "low"
    accepts = 0.1 <= weak <= 0.6 and gap >= 0.15 and suitability != "low"
    if draw("loop_judge", *key).random() < LOOP_JUDGE_ERROR:
        accepts = not accepts
    if model.startswith("sim-accepts"):
        accepts, suitability = True, model.partition(":")[2] or "high"
    reason = "Its rollouts vary." if accepts else "Too few rollouts earn anything to learn from."
    direction = "Put the facts that decide into the question." if weak < 0.1 else "Add a step to the reasoning."
    return json.dumps(
        {
            "weak_pattern": f"The weak attempts earn {weak:.2f}; they differ by {spread:.2f} on criteria 1 to 15.",
            "strong_pattern": f"The strong attempts earn {gap:.2f} more.",
            "gap_interpretation": "fertile ground" if accepts else "knowledge ceiling",
            "rubric_concerns": [] if accepts else ["criteria 4 and 5 test the same recall"],
            "grpo_suitability": suitability,
            "verdict": "accept" if accepts else "improve",
            "verdict_reason": reason,
            "suggestion_for_writer": "" if accepts else direction,
        }
    )


def _difficulty(text: str, source: random.Random) -> float:
    last, measured = truth_in(text), dict.fromkeys(("weak", "strong"), 0.0)
    measured |= {name: float(mean) for name, mean, _ in _MEASURED.findall(text)}
    drift = source.gauss(0, DIFFICULTY_SPREAD)
    if last is None:
        return round(FIRST_DIFFICULTY + drift, 2)
    step = HARDER if measured["weak"] > 0.5 else -EASIER if measured["weak"] < 0.25 else 0.0
    return round(last.difficulty + step + drift / 2, 2)


def _rubric(truth: Truth, source: random.Random, loose: bool) -> list[dict[str, object]]:
    """Three points fewer and lighter ones if it is loose."""
    points = POINTS - 3 if loose else POINTS
    entries: list[dict[str, object]] = []
    for at in range(1, points + 1):
        weight_class = "slightly important" if loose else source.choice(list(_BANDS))
        said = f"Makes point {at} of case {truth.seed}: explains why the rule holds on these facts."
        weight = source.randint(*_BANDS[weight_class])
        entries.append(_entry(len(entries), said, weight_class, weight))
    for at in range(1, NEGATIVES + 1):
        said = f"Commits error {at} of case {truth.seed}: states that nothing can be done any more."
        entries.append(_entry(len(entries), said, "negative", -source.randint(2, 6)))
    return entries


def _entry(at: int, criterion: str, weight_class: str, weight: int) -> dict[str, object]:
    return {
        "number": at + 1,
        "criterion": criterion,
        "category": "application" if weight > 0 else "risk",
        "capability": _CAPABILITIES[at % len(_CAPABILITIES)],
        "weight_class": weight_class,
        "weight": weight,
    }


LEGAL_ROLES: Mapping[str, Callable[[str, str, tuple[object, ...]], str]] = {
    "extractor": extractor,
    "writer": writer,
    "loop_judge": loop_judge,
}
LEGAL_FIELDS = {
    "extractor": "suitable_for_synthetic_question",
    "writer": "target_capabilities",
    "loop_judge": "grpo_suitability",
}
