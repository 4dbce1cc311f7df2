"""Presidio's analyzer over spaCy pipelines and the project's recognizers.

Importing this module loads Presidio and spaCy; `anonpipe.detect` does so only
when the first text is analysed.
"""

from __future__ import annotations

import itertools
import logging
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
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

from anonpipe.detect.contexts import contexts
from anonpipe.detect.names import tag_names
from anonpipe.detect.recognizers import families
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.detect.words import is_people, is_raw
from anonpipe.errors import ModelError
from anonpipe.transcript import MENTION_TYPES

# Presidio logs what it skips, with text at level DEBUG; nothing of a text may reach a log.
logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)

MAX_LENGTH = 20_000_000
"""Characters that a pipeline accepts at once; spaCy's own limit guards memory of parsers."""
# spaCy's labels and the types they stand for. NORP (nationalities, religions) and quantities
# point to nobody; dates and the rest have rules of their own.
_LABELS = {
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


@Language.factory("norwegian_names", default_config={"language": "nb"})
def _norwegian_names(nlp: Language, name: str, language: str) -> Callable[[Doc], Doc]:
    """A pipe that adds the names found by rules to `doc.ents`; a model's own come first."""

    def component(doc: Doc) -> Doc:
        names = tag_names(doc.text, language)
        _split_tokens(doc, {edge for n in names for edge in (n.start, n.end)})
        spans = [
            span
            for found in names
            if (
                span := doc.char_span(
                    found.start, found.end, label=found.label, alignment_mode="expand"
                )
            )
        ]
        doc.ents = filter_spans([*doc.ents, *spans])
        return doc

    return component


def _split_tokens(doc: Doc, edges: set[int]) -> None:
    """Split tokens at the characters `edges`: of «Hamar-kontoret» only «Hamar» is a name."""
    ordered = sorted(edges)
    with doc.retokenize() as retokenizer:
        for token in doc:
            end = token.idx + len(token)
            inside = ordered[bisect_right(ordered, token.idx) : bisect_left(ordered, end)]
            if inside:
                bounds = [token.idx, *inside, end]
                parts = [doc.text[a:b] for a, b in itertools.pairwise(bounds)]
                retokenizer.split(token, parts, heads=[(token, 0)] * len(parts))


def load_pipeline(language: str, model: str | Path | None) -> Language:
    """The spaCy pipeline for a language: a model, or for Norwegian the rules alone.

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
    if language in {"nb", "nn"}:
        nlp.add_pipe("norwegian_names", config={"language": language}, last=True)
    nlp.max_length = MAX_LENGTH
    return nlp


def _needs(nlp: Language, pipe: str) -> bool:
    """True if entity recognition listens to `pipe`; in spaCy's own models it listens to tok2vec."""
    ner = nlp.config.get("components", {}).get("ner", {})
    return pipe in str(ner.get("model", {}).get("tok2vec", {}).get("upstream", ""))


def recase(text: str, language: str) -> str:
    """Capitalise the names in raw text, so that a model trained on written text sees them.

    The length stays the same, so that offsets hold.
    """
    if not is_raw(text):
        return text
    characters = list(text)
    for span in tag_names(text, language):
        for i in range(span.start, span.end):
            if i == span.start or not text[i - 1].isalnum():
                upper = characters[i].upper()
                characters[i] = upper if len(upper) == 1 else characters[i]
    return "".join(characters)


def _idle(entity: str, never: frozenset[str]) -> bool:
    """True if an entity holds nothing but words that name no one («IBAN», “My National "
    "Insurance”)."""
    words = re.findall(r"[^\W_]+", entity.lower())
    return all(w in never or w in {"my", "the", "our", "s"} or is_people(w, never) for w in words)


class PipelineNlpEngine(SpacyNlpEngine):
    """Presidio's view of pipelines that are loaded already; it never downloads one."""

    engine_name = "anonpipe"

    def __init__(self, pipelines: Mapping[str, Language]) -> None:
        super().__init__(
            models=[{"lang_code": code, "model_name": "preloaded"} for code in pipelines],
            ner_model_configuration=NerModelConfiguration(
                model_to_presidio_entity_mapping=_LABELS,
                labels_to_ignore=_IGNORED,
                default_score=0.7,
                low_score_entity_names=[],
            ),
        )
        self.pipelines = dict(pipelines)
        self.nlp: Any = self.pipelines

    def load(self) -> None:
        """Nothing to do: the pipelines were given."""

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Run the pipeline; raw English is given capitals first."""
        doc = self.pipelines[language](recase(text, language) if language == "en" else text)
        never = contexts(language).never
        doc.ents = [e for e in doc.ents if not _idle(e.text, never)]
        return self._doc_to_nlp_artifact(doc, language)


_IGNORED = [
    "NORP", "DATE", "TIME", "CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY", "LANGUAGE",
    "LAW", "EVENT", "PRODUCT", "WORK_OF_ART", "MISC", "PROD", "EVT", "DRV",
]  # fmt: skip


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
        spans = [s for rule in self._rules for s in rule.find(text, self.supported_language)]
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


def build_analyzer(pipelines: Mapping[str, Language]) -> Any:
    """An AnalyzerEngine for the languages of `pipelines`, with every family of recognizers."""
    registry = RecognizerRegistry(supported_languages=list(pipelines))
    for language in pipelines:
        registry.add_recognizer(
            SpacyRecognizer(
                supported_language=language,
                supported_entities=["PERSON", "LOCATION", "ORG"],
                name="spacy",
            )
        )
        if language == "en":
            registry.add_recognizer(RuleRecognizer("names", language, (), _find_names))
        for family in families(language):
            registry.add_recognizer(
                RuleRecognizer(
                    family.__name__.rpartition(".")[2],
                    language,
                    family.RULES,
                    getattr(family, "find", None),
                )
            )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=PipelineNlpEngine(pipelines),
        supported_languages=list(pipelines),
    )
