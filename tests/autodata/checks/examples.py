"""Hand-written items that a careful person would keep, and ones that they would refuse, by the check that must."""

from typing import Any, NamedTuple

from autodata.prompting import Check
from autodata.schemas import Criterion, Document, Item

DOCUMENT = Document.of(
    "Backpressure in a two-stage pipeline",
    """# Backpressure in a two-stage pipeline

We study a two-stage pipeline in which a parser feeds an indexer through a bounded buffer. Under bursty load the
indexer falls behind, and the buffer fills within 340 ms. Dropping from the head of the queue keeps the median
latency at 12.4 ms, while dropping from the tail lets it rise to 87.3 ms, because the items that survive are stale.

Enlarging the buffer from 512 to 4,096 slots raises throughput by 6.5 % and latency by 410 %. The effect vanishes
once the burst is longer than the buffer can hold: then both policies lose the same share of items. A credit
scheme, in which the indexer grants the parser permits in batches, avoids the loss alto-
gether but halves the peak rate. Table 3 lists the results for all 24 configurations.
""",
)

CONTEXT = (
    "A parser hands work to an indexer through a bounded buffer. Load comes in bursts: for a short while more "
    "arrives than the indexer can take, then it recovers. When the buffer is full, something has to be thrown "
    "away, and the operators may choose whether the newest or the oldest waiting item goes. Users notice how "
    "old a result is when it reaches them; nobody notices a result that never comes."
)
QUESTION = (
    "Which of the two choices keeps users happier during a burst, and at what burst length does it cease to "
    "matter?"
)
REFERENCE = (
    "Throwing away the oldest waiting item is better, since whatever remains is fresh; keeping old entries "
    "means that each survivor has already spent its time in the queue. Once bursts outlast what can be held, "
    "the loss is the same."
)
CRITERIA = (
    "Says that discarding the oldest entries keeps the delivered results fresh.",
    "Says that survivors of the other choice have waited the longest.",
    "Concludes that the choice stops to matter once the burst outlasts the buffer.",
    "Ties the verdict to staleness rather than to the number of losses.",
    "Recognises that both choices lose equally many items.",
)


class Example(NamedTuple):
    """An item, and the checks that must find something in it."""

    name: str
    item: Item
    found: tuple[Check, ...] = ()


def item(**given: Any) -> Item:
    """The good item above, with some of it replaced; `criteria` and `weights` stand for the rubric."""
    criteria = given.pop("criteria", CRITERIA)
    weights = given.pop("weights", [4] * len(criteria))
    rubric = tuple(Criterion(criterion=c, weight=w) for c, w in zip(criteria, weights, strict=True))
    told = {
        "context": CONTEXT,
        "question": QUESTION,
        "question_type": "tradeoff prediction",
        "reasoning_skills": ("causal_reasoning",),
        "reference_answer": REFERENCE,
        "rubric": rubric,
    }
    return Item(**{**told, **given})


def _asks(question: str) -> dict[str, str]:
    return {"question": question}


def _tells(more: str) -> dict[str, str]:
    return {"context": f"{CONTEXT} {more}"}


def _wants(criterion: str) -> dict[str, Any]:
    return {"criteria": (*CRITERIA, criterion)}


GOOD = [
    Example("the plain item", item()),
    Example(
        "predict and explain",
        item(**_asks("Predict which choice wins when bursts double in length, and explain why.")),
    ),
    Example("two question marks", item(**_asks("Would a larger buffer change the verdict? Why or why not?"))),
    Example(
        "what would happen",
        item(**_asks("What happens to the age of delivered results if the buffer is doubled?")),
    ),
    Example(
        "a why of a contradiction", item(**_asks("Why can a larger buffer raise throughput and yet annoy users?"))
    ),
    Example(
        "which is one thing", item(**_asks("An operator may spend on one of the two stages. Which one, and when?"))
    ),
    Example(
        "a number that is computed",
        item(**_asks("Given these rates, what is the largest burst that is survived?")),
    ),
    Example(
        "how a decision changes", item(**_asks("How does the right choice change once users count losses, too?"))
    ),
    Example("an interval", item(**_tells("Weights lie in [0, 1], and the list [3] has one entry a[3] at most."))),
    Example("a table of its own", item(**_tells("\n\nTable 1: arrivals\n| t | n |\nHalf of Table 1 is a burst."))),
    Example("paper as a material", item(**_tells("Think of it as the paper feed of a printer that jams."))),
    Example("a document as a thing", item(**_tells("Each document is parsed once and then indexed."))),
    Example(
        "figures that the context gives",
        item(
            **_tells("The buffer holds 512 items, and the median was 12.4 ms."),
            criteria=(*CRITERIA, "Notes that 12.4 ms says nothing about the 512 items that are waiting."),
        ),
    ),
    Example("small counts", item(**_wants("Names 2 effects that pull in opposite directions."))),
    Example("a year", item(**_wants("Does not depend on hardware of 2019."))),
    Example(
        "a percentage in other words",
        item(
            **_tells("Throughput rises by a share of 0.065."),
            criteria=(*CRITERIA, "Weighs the 6.5 % against the delay."),
        ),
    ),
    Example("quotes of a few words", item(**_tells('Operators call the first choice "drop from head".'))),
    Example("a true quote", item(**_tells('A log says: "the indexer falls behind, and the buffer fills".'))),
    Example(
        "a true quote over a hyphenated line",
        item(**_tells('It is known that a scheme "avoids the loss altogether".')),
    ),
    Example(
        "a true quote with words left out",
        item(
            **_tells(
                'One line reads "Dropping from the head of the queue ... while dropping from the tail lets it".'
            )
        ),
    ),
    Example("a quarter exactly", item(weights=[4, 4, 4, 3, 1])),
    Example(
        "penalties beside",
        item(criteria=(*CRITERIA, "Claims that a larger buffer always helps."), weights=[4, 4, 4, 4, 4, -9]),
    ),
]

BAD = [
    Example("the paper", item(**_tells("As the paper argues, staleness matters.")), ("unseen_text",)),
    Example(
        "this paper, capital",
        item(**_asks("Which choice does This Paper favour during a burst?")),
        ("unseen_text",),
    ),
    Example("the authors", item(**_tells("The authors compare two policies.")), ("unseen_text",)),
    Example("we propose", item(**_tells("We propose a credit scheme.")), ("unseen_text",)),
    Example("a table unseen", item(**_tells("As Table 3 has it, there are many set-ups.")), ("unseen_text",)),
    Example(
        "a section",
        item(**_asks("Which policy of Section 4.2 keeps users happier during a burst?")),
        ("unseen_text",),
    ),
    Example("a figure", item(**_tells("The curve in Fig. 2 bends early.")), ("unseen_text",)),
    Example("a citation mark", item(**_tells("Credit schemes are known [12], but slow.")), ("unseen_text",)),
    Example("et al.", item(**_tells("Credits were studied by Ng et al. before.")), ("unseen_text",)),
    Example(
        "the document",
        item(**_asks("According to the document, which choice keeps users happier?")),
        ("unseen_text",),
    ),
    Example("as described above", item(**_tells("It behaves as described above.")), ("unseen_text",)),
    Example(
        "a criterion that leans on it",
        item(**_wants("Agrees with the authors' view of staleness.")),
        ("unseen_text",),
    ),
    Example("explain why", item(**_asks("Explain why dropping from the head works.")), ("phrasing",)),
    Example(
        "explain how, after a scene",
        item(**_asks("Two policies are given. Explain how the second fails.")),
        ("phrasing",),
    ),
    Example("why does it work", item(**_asks("Why does dropping the oldest items work so well?")), ("phrasing",)),
    Example("how many", item(**_asks("How many configurations were tried?")), ("phrasing",)),
    Example("list", item(**_asks("List the policies that were compared.")), ("phrasing",)),
    Example(
        "what is the value", item(**_asks("What is the exact median latency of the head policy?")), ("phrasing",)
    ),
    Example("what accuracy", item(**_asks("What percentage of items is lost in a burst?")), ("phrasing",)),
    Example(
        "parts",
        item(**_asks("Decide: (a) which policy wins, (b) until when, (c) what to buy.")),
        ("phrasing",),
    ),
    Example(
        "three questions", item(**_asks("Which wins? When does it stop? What should be bought?")), ("phrasing",)
    ),
    Example(
        "the answer in the context",
        item(**_tells("Throwing away the oldest waiting item is better, since whatever remains is fresh.")),
        ("context_leak",),
    ),
    Example(
        "half the answer in the question",
        item(
            **_asks(
                "Given that keeping old entries means that each survivor has already spent its time in the "
                "queue, and that once bursts outlast what can be held the loss is the same, which is better?"
            )
        ),
        ("context_leak",),
    ),
    Example(
        "a measured latency", item(**_wants("States that the median latency stays at 12.4 ms.")), ("number_leak",)
    ),
    Example("a measured percentage", item(**_wants("Gives a rise of 410% in latency.")), ("number_leak",)),
    Example("a large count", item(**_wants("Knows that the large buffer had 4,096 slots.")), ("number_leak",)),
    Example(
        "a large count, plain", item(**_wants("Knows that the large buffer had 4096 slots.")), ("number_leak",)
    ),
    Example(
        "a quote that nobody wrote",
        item(**_tells('An engineer said that "head drops are always the better idea".')),
        ("citation",),
    ),
    Example(
        "a quote with one word changed",
        item(**_tells('A log says: "the indexer falls behind, and the queue fills".')),
        ("citation",),
    ),
    Example(
        "a false quote in the rubric",
        item(**_wants("Quotes “both policies lose every single item” as the reason.")),
        ("citation",),
    ),
    Example("one criterion decides", item(weights=[10, 2, 2, 2, 2]), ("dominant_criterion",)),
    Example("three criteria only", item(criteria=CRITERIA[:3], weights=[3, 3, 3]), ("dominant_criterion",)),
]
