"""Presidio's analyzer over spaCy pipelines and the project's recognizers.

Importing this module loads Presidio and spaCy; `anonpipe.detect` does so only
when the first text is analysed.
"""

from __future__ import annotations

import itertools
import logging
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import (
    NerModelConfiguration,
    NlpArtifacts,
    SpacyNlpEngine,
)
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from anonpipe.detect.names import tag_names
from anonpipe.detect.recognizers import background, families
from anonpipe.detect.recognizers.rule import Rule, find_all
from anonpipe.detect.spans import MODEL, Span
from anonpipe.detect.tagger import load_tagger
from anonpipe.errors import ModelError
from anonpipe.transcript import MENTION_TYPES

# Presidio logs what it skips, with text at level DEBUG; nothing of a text may reach a log.
logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)

MAX_LENGTH = 20_000_000
"""Characters that a pipeline accepts at once; spaCy's own limit guards memory of parsers."""
# Labels of spaCy's models and the types they stand for. NORP (nationalities, religions) and
# quantities point to nobody; dates and the rest are the name model's and the rules'.
_NAMES = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "GPE_LOC": "LOCATION",
    "GPE_ORG": "ORG",
    "LOCATION": "LOCATION",
    "ORG": "ORG",
}
_UNUSED = ("parser", "tagger", "attribute_ruler", "lemmatizer", "senter", "morphologizer")


@Language.factory("nordic_ner")
def _nordic_ner(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """A pipe that adds what the name model finds to `doc.ents`, before another model's own.

    The scores stand in `doc.user_data["scores"]`, by first and last character.
    """
    tagger = load_tagger()

    def component(doc: Doc) -> Doc:
        found = tagger.spans(doc.text)
        _split_tokens(doc, {edge for s in found for edge in (s.start, s.end)})
        spans = [
            span
            for s in found
            if (span := doc.char_span(s.start, s.end, label=s.type, alignment_mode="expand"))
        ]
        doc.user_data["scores"] = {(s.start, s.end): s.score for s in found}
        # Another model's dates and quantities are no mentions.
        taken = {i for s in spans for i in range(s.start, s.end)}
        own = [
            e for e in doc.ents if e.label_ in _NAMES and taken.isdisjoint(range(e.start, e.end))
        ]
        doc.ents = filter_spans([*spans, *own])
        return doc

    return component


def _split_tokens(doc: Doc, edges: set[int]) -> None:
    """Split tokens at the characters `edges`: of «Hamar-kontoret» only «Hamar» is a name."""
    ordered, text = sorted(edges), doc.text
    with doc.retokenize() as retokenizer:
        for token in doc:
            end = token.idx + len(token)
            inside = ordered[bisect_right(ordered, token.idx) : bisect_left(ordered, end)]
            if inside:
                bounds = [token.idx, *inside, end]
                parts = [text[a:b] for a, b in itertools.pairwise(bounds)]
                retokenizer.split(token, parts, heads=[(token, 0)] * len(parts))


def load_pipeline(language: str, model: str | Path | None) -> Language:
    """The spaCy pipeline for a language: the name model, after a spaCy model if one is given.

    `model` is the name of an installed package or a folder. Raises ModelError if
    it cannot be loaded.
    """
    if model is None:
        nlp = spacy.blank(language)
        nlp.add_pipe("sentencizer")
    else:
        try:
            nlp = spacy.load(model)
        except (OSError, ValueError, ImportError):
            raise ModelError(
                f"The spaCy model {Path(model).name} for {language} cannot be loaded; install it "
                "or correct its path in the settings."
            ) from None
        keep_tagger = "tagger" in nlp.pipe_names and _needs(nlp, "tagger")
        for pipe in _UNUSED:
            if pipe in nlp.pipe_names and not (pipe == "tagger" and keep_tagger):
                nlp.disable_pipe(pipe)
    nlp.add_pipe("nordic_ner", last=True)
    nlp.max_length = MAX_LENGTH
    return nlp


def _needs(nlp: Language, pipe: str) -> bool:
    """True if entity recognition listens to `pipe`; in spaCy's own models it listens to tok2vec."""
    ner = nlp.config.get("components", {}).get("ner", {})
    return pipe in str(ner.get("model", {}).get("tok2vec", {}).get("upstream", ""))


class PipelineNlpEngine(SpacyNlpEngine):
    """Presidio's view of pipelines that are loaded already; it never downloads one."""

    engine_name = "anonpipe"

    def __init__(self, pipelines: Mapping[str, Language]) -> None:
        super().__init__(
            models=[{"lang_code": code, "model_name": "preloaded"} for code in pipelines],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping=_NAMES | {k: k for k in MENTION_TYPES},
                labels_to_ignore=[],
                default_score=0.7,
                low_score_entity_names=[],
            ),
        )
        self.pipelines = dict(pipelines)
        self.nlp: Any = self.pipelines

    def load(self) -> None:
        """Nothing to do: the pipelines were given."""

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Run the pipeline; an entity of the name model keeps its own score."""
        doc = self.pipelines[language](text)
        artifacts = self._doc_to_nlp_artifact(doc, language)
        scores = doc.user_data.get("scores", {})
        artifacts.scores = [
            scores.get((e.start_char, e.end_char), score)
            for e, score in zip(artifacts.entities, artifacts.scores, strict=True)
        ]
        return artifacts


class _Registry(RecognizerRegistry):
    """Gives its recognizers in the order in which they were added.

    Presidio's gives them in no order. Of two equal results it keeps the first, so that what
    became of a mention would be left to chance.
    """

    _added: tuple[EntityRecognizer, ...] = ()

    def add_recognizer(self, recognizer: EntityRecognizer) -> None:
        super().add_recognizer(recognizer)
        self._added += (recognizer,)

    def get_recognizers(self, *args: Any, **kwargs: Any) -> list[EntityRecognizer]:
        chosen = set(super().get_recognizers(*args, **kwargs))
        return [recognizer for recognizer in self._added if recognizer in chosen]


class RuleRecognizer(EntityRecognizer):
    """A Presidio recognizer around one family of rules."""

    def __init__(
        self,
        name: str,
        language: str,
        rules: tuple[Rule, ...],
        find: Callable[[str, str], list[Span]] | None,
    ) -> None:
        self._rules = rules
        self._find = find
        super().__init__(
            supported_entities=list(MENTION_TYPES), supported_language=language, name=name
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """What the rules find, as Presidio's results; `recognizer_name` is the rule's name."""
        spans = find_all(self._rules, text, self.supported_language)
        if self._find is not None:
            spans += self._find(text, self.supported_language)
        return [
            RecognizerResult(
                s.type,
                s.start,
                s.end,
                s.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: s.recognizer,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for s in spans
            if s.type in entities
        ]


def _find_names(text: str, language: str) -> list[Span]:
    return [Span(n.start, n.end, n.label, n.score, "names") for n in tag_names(text, language)]


def build_analyzer(pipelines: Mapping[str, Language], *, also: Sequence[str] = ()) -> Any:
    """An AnalyzerEngine for the languages of `pipelines`, with every family of recognizers.

    `also` names what of `background` is switched on.
    """
    registry = _Registry(supported_languages=list(pipelines))
    for language in pipelines:
        for family in families(language):
            registry.add_recognizer(
                RuleRecognizer(
                    family.__name__.rpartition(".")[2],
                    language,
                    family.RULES,
                    getattr(family, "find", None),
                )
            )
        if also:
            registry.add_recognizer(
                RuleRecognizer("background", language, (), background.finder(also))
            )
        registry.add_recognizer(RuleRecognizer("names", language, (), _find_names))
        # The last: what a rule finds as well is the rule's, and stands (`doubts`).
        registry.add_recognizer(
            SpacyRecognizer(
                supported_language=language,
                supported_entities=list(MENTION_TYPES),
                name=MODEL,
            )
        )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=PipelineNlpEngine(pipelines),
        supported_languages=list(pipelines),
    )
