"""The stages of one source, in the order in which they become true.

    new -> transcribed: the raw transcript is sealed
        -> coded:       mentions and codes are sealed beside it; the key is not touched yet
        -> written:     the key is durable, every output is written, read back and compared
        -> final:       the original is gone as consent demands, with a receipt

Between written and final the names of the whole study are looked for (`sweep`): a source
that was coded before one of them was known is coded anew, and a final one, whose raw
transcript is gone, has its outputs replaced (sweeping -> final). No source becomes final
while a name of the key can be read in its outputs.

Each step can be repeated: killed anywhere and run again, a source ends with the same
outputs, because what was decided (the codes) is sealed before anything acts on it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from anonpipe import coding, datakey, erase, formats, kept, partial, sweep
from anonpipe.audit import AuditLog
from anonpipe.codes import Entity
from anonpipe.consent import Demand
from anonpipe.decisions import OF_COPIES, deletes, is_bleeped, waits_for
from anonpipe.deletion import certify, erase_if_same
from anonpipe.delta import NO_MODEL, spans_from_json, spans_to_json
from anonpipe.detect import chances
from anonpipe.detect.spans import Span
from anonpipe.errors import ModelError, RecordingError
from anonpipe.files import make_folder, sha256, sync_folder, write_durably
from anonpipe.keyfile import StudyKey
from anonpipe.merge import Deltas
from anonpipe.outputs import Outputs, digest_of, title_of, write_output
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.receipt import Erased, announce, announced
from anonpipe.review import corrections, signatures, unseen
from anonpipe.review.reviewed import BASELINE, CHANCES, REVIEW, Reviewed
from anonpipe.review.sheet import not_overwritten
from anonpipe.review.unseen import UNSEEN
from anonpipe.scrub.document import FORM as SEALED_DOCUMENT
from anonpipe.speakers import roles
from anonpipe.study import Source, SourceState, Stage, Study
from anonpipe.tools import Tools, hear
from anonpipe.transcribe.transcriber import Progress
from anonpipe.transcript import (
    Flag,
    Mention,
    Transcript,
    count_flags,
    mentions_from_json,
    mentions_to_json,
)
from anonpipe.trouble import speech_seconds, trouble_share


@dataclass(frozen=True, slots=True)
class Job:
    """One source on its way. `source` is None when the original is gone already."""

    id: str
    source: Source | None
    digest: str
    demand: Demand
    state: SourceState
    delta: str = ""  # the name that the file's delta has if there is one


class Pipeline:
    """Takes sources through the stages; `save_state` makes each stage durable."""

    def __init__(
        self,
        study: Study,
        key: StudyKey,
        log: AuditLog,
        tools: Tools,
        *,
        today: date,
        save_state: Callable[[str, SourceState], None],
    ) -> None:
        self.study, self.key, self.log, self.tools = study, key, log, tools
        self.today, self._save_state = today, save_state
        self.outputs = Outputs(study, key)
        self.deltas = Deltas(study, key, log)
        self._spans: dict[str, tuple[Span, ...]] = {}
        self.edited: dict[str, tuple[str, ...]] = {}
        """Outputs that hold names found since, but that a person has changed, by source."""

    def process(self, job: Job, stage: Callable[[Stage], None], progress: Progress) -> Job:
        """Take a source as far as its outputs; returns it with its new state."""
        if job.state.stage is Stage.NEW:
            stage(Stage.NEW)
            job = self._transcribe(job, progress)
        self.deltas.remove(job.delta, "done", job.id)  # sealed under the source's id by now
        partial.forget(self.study, job.id)  # its raw transcript is sealed as a whole
        if job.state.stage is Stage.TRANSCRIBED:
            stage(Stage.TRANSCRIBED)
            job = self._code(job)
        if job.state.stage is Stage.CODED:
            stage(Stage.CODED)
            job = self._write(job)
        return job

    def finish(self, job: Job, stage: Callable[[Stage], None]) -> Job:
        """Make a written source final if nothing hinders: its outputs hold no name any more."""
        if job.state.stage is Stage.WRITTEN:
            job = self._without_unwanted_copy(self._measured(job))
            if self.waits_for(job) is None:
                stage(Stage.WRITTEN)
                job = self._finish(job)
        return job

    def _measured(self, job: Job) -> Job:
        """With the speech that an older version did not count, so that its trouble counts too."""
        state = job.state
        if state.kind == "text" or state.speech or not (state.flags and self.has_raw(job.id)):
            return job
        transcript = Transcript.from_json(self._unseal(job.id)["transcript"])
        speech = round(speech_seconds(transcript), 1)
        return self._advance(job, speech=speech) if speech else job

    def waits_for(self, job: Job) -> str | None:
        """Why a written source is not final: "review", a date, or None if nothing hinders."""
        state = job.state
        if state.approved is not None:
            entries = self.log.entries()
            found = signatures.by_source(entries, self.log.vouched_entries()).get(job.id, ())
            state = signatures.standing(state, found, self.study.settings.reviewers)
        return waits_for(self.study, state, job.demand, self.today)

    def _is_signed_for(self, action: str, name: str) -> bool:
        """Whether a holder of the key signed that this was done to what was last coded.

        state.json alone proves nothing: anybody who can write to the study can write that.
        """
        signed = {entry.hash for entry in self.log.vouched_entries()}
        found = False
        for entry in self.log.entries():
            if entry.subject == name and entry.action == action:
                found = found or entry.hash in signed
            elif entry.subject == name and entry.action == "coded":
                found = False
        return found

    # -- new -> transcribed

    def _transcribe(self, job: Job, progress: Progress) -> Job:
        source = _file(job)
        delta = self.deltas.take(job.delta, source, lambda: self._readable(source))
        if delta is None:
            hotwords = self.key.table.hotwords()
            heard = hear(
                self.tools,
                self.study,
                source,
                self._readable(source),
                hotwords,
                job.demand.participants,
                progress,
                partial.Partial(self.study, self.key, job.id, job.digest),
            )
            transcript, voices = heard.transcript, heard.voices
            model = self.tools.model_digest if source.kind == "audio" else NO_MODEL
        else:
            transcript, voices = delta.transcript, delta.voices
            model = delta.models["speech"]
        if source.sealed is None and self.key.digest_of(source.path) != job.digest:
            raise RecordingError(
                f"{source.path} changed while it was read: run again when it is complete."
            )
        if source.kind == "audio":
            own = self.study.settings.for_file(source.relative)
            transcript = roles.named(
                transcript,
                labels=own.speakers,
                how=own.interviewer,
                participants=job.demand.participants,
            )
        raw: dict[str, Any] = {"transcript": transcript.to_json()}
        if voices is not None:
            raw["voices"] = voices.to_json()
        if delta is not None:
            raw["found"] = spans_to_json(delta.found)
            raw["found_in"] = self._found_in(transcript)
        self._seal(job.id, raw)
        self.log.append(
            "transcribed",
            subject=job.id,
            kind=source.kind,
            source=job.digest,
            turns=len(transcript.turns),
            seconds=round(transcript.duration or 0),
            language=transcript.language,
            model=model,
        )
        return self._advance(
            job,
            stage=Stage.TRANSCRIBED,
            kind=source.kind,
            digest=job.digest,
            participants=job.demand.participants,
            language=transcript.language,
        )

    # -- transcribed -> coded

    def _code(self, job: Job) -> Job:
        sealed = self._unseal(job.id)
        transcript = self._of_its_participants(job, Transcript.from_json(sealed["transcript"]))
        table = self.key.table
        known = table.known_names(self.study.settings.policies)
        brought: dict[str, Any] = {}  # by a delta, unless it is to be found otherwise now
        if sealed.get("found_in") == self._found_in(transcript):
            brought = {name: sealed[name] for name in ("found", "found_in")}
            spans = spans_from_json(sealed["found"])
            found = self.tools.detector.complete(transcript, spans, known)
        else:
            found = self.tools.detector.complete(transcript, self._find(transcript), known)
        decided = Reviewed.from_json(sealed.get(REVIEW))
        corrected = corrections.turns_of(decided.decisions)
        if corrected:
            before = mentions_from_json(sealed.get("machine", ()))
            there = [m for m in before if m.turn in corrected and corrections.may_be_name(m)]
            found = corrections.with_those_before(found, there, transcript)
        case = self._case(job, decided)
        linked = coding.coded(found, transcript, case)
        baseline = sealed.get(BASELINE, ())
        if not case.every_decision:
            baseline = mentions_to_json(linked.mentions)
        self._seal(
            job.id,
            {
                "transcript": transcript.to_json(),
                "text": transcript.digest,
                "decided": bool(case.every_decision),
                "machine": mentions_to_json(found),
                "mentions": mentions_to_json(linked.mentions),
                REVIEW: decided.to_json(),
                BASELINE: baseline,
                UNSEEN: self._unseen(sealed, transcript, case, linked.mentions),
                "entities": [entity.to_json() for entity in linked.entities],
                "flags": [asdict(flag) for flag in linked.flags],
                # The table this was decided on: another one means deciding again.
                "before": table.digest(),
                "writing": self.outputs.writing(job.id),
                **self._chances(job, sealed, transcript),
                **brought,
                **{name: sealed[name] for name in ("voices",) if name in sealed},
            },
        )
        counts = Counter[str](mention.type for mention in linked.mentions)
        self.log.append(
            "coded",
            subject=job.id,
            settings=self.study.settings_digest(),
            mentions=len(linked.mentions),
            **_details(counts),
        )
        return self._advance(job, stage=Stage.CODED)

    def _unseen(
        self,
        sealed: Mapping[str, Any],
        transcript: Transcript,
        case: coding.Case,
        now: tuple[Mention, ...],
    ) -> list[dict[str, Any]]:
        """Mentions that came or went since a person decided something about this source."""
        if not case.decisions or "machine" not in sealed:
            return []
        seen = coding.coded(mentions_from_json(sealed["machine"]), transcript, case).mentions
        before = unseen.from_json(sealed.get(UNSEEN, ()))
        same = sealed.get("text") == transcript.digest
        return unseen.to_json(unseen.unseen(before, seen, now, same_text=same))

    def _case(self, job: Job, decided: Reviewed) -> coding.Case:
        return coding.Case(
            job.id,
            job.demand.participants,
            self.key.table,
            self.study.settings.policies,
            self.study.settings.template,
            decided.decisions,
        )

    def _of_its_participants(self, job: Job, transcript: Transcript) -> Transcript:
        """The raw transcript, its labels made those of whose recording it is by now."""
        path = PurePosixPath(self.key.table.sources[job.id].path)
        if job.state.kind == "text" or self.study.settings.for_file(path).speakers:
            return transcript
        return roles.moved(transcript, job.state.participants, job.demand.participants)

    def _find(self, transcript: Transcript) -> tuple[Span, ...]:
        """What is found without known names, once for a text: coding anew takes seconds then."""
        text = self._found_in(transcript)
        if text not in self._spans:
            self._spans[text] = self.tools.detector.find(transcript)
        return self._spans[text]

    def _chances(
        self, job: Job, sealed: Mapping[str, Any], transcript: Transcript
    ) -> dict[str, Any]:
        """What a review asks about first, if one is to come; looking for it takes a while."""
        if sealed.get("text") == transcript.digest and CHANCES in sealed:
            return {CHANCES: sealed[CHANCES]}
        if job.demand.waits_for(self.today, False) != "review":
            return {}
        return {CHANCES: chances.to_json(self.tools.detector.chances(transcript))}

    def _found_in(self, transcript: Transcript) -> str:
        """Stands for the text that something was found in, and the settings it was found with."""
        settings = self.study.settings.detection_digest()
        text = f"{settings}\n{transcript.language}\n{transcript.digest}"
        return hashlib.sha256(text.encode()).hexdigest()

    # -- coded -> written

    def _write(self, job: Job) -> Job:
        sealed = self._unseal(job.id)
        after = replace(
            self.key.table,
            entities=tuple(Entity.from_json(item) for item in sealed["entities"]),
        )
        if self.key.table.digest() != sealed["before"] and self.key.table != after:
            # Somebody added a name in between: the codes must be decided on today's key.
            job = self._code(self._advance(job, stage=Stage.TRANSCRIBED))
            return self._write(job)
        self.key.save(after)
        transcript = Transcript.from_json(sealed["transcript"])
        coded = self.outputs.coded(job.id, sealed)
        outputs = self.outputs.write(title_of(job.demand.participants, job.id), coded)
        if not outputs:
            raise RecordingError(
                f"None of the formats in study.toml can be written for {job.id}, which has no "
                "times: add txt to output.formats and run again."
            )
        flags = next(iter(coded.values())).flags
        if job.demand.keep_bleeped and job.state.kind == "audio":
            bleeped, audible = self._write_bleeped(job, sealed)
            outputs.update(bleeped)
            flags += audible
        for name in set(job.state.outputs) - set(outputs):
            (self.study.folder / name).unlink(missing_ok=True)  # of other formats or participants
        speech = round(speech_seconds(transcript), 1)
        counts = count_flags(flags)
        if speech:
            counts["trouble"] = round(100 * trouble_share(flags, speech))
        self.log.append(
            "written",
            subject=job.id,
            files=len(outputs),
            outputs=digest_of(outputs),
            **_details(counts),
        )
        return self._advance(
            job,
            stage=Stage.WRITTEN,
            participants=job.demand.participants,
            outputs=outputs,
            flags=flags,
            speech=speech,
            language=transcript.language,
            edited=(),
            accepted={},
        )

    def _write_bleeped(
        self, job: Job, sealed: Mapping[str, Any]
    ) -> tuple[dict[str, str], tuple[Flag, ...]]:
        """The digest of the copy that says no names, by path, and spots that may still do.

        Names that are known only since the source was coded go with its mentions.
        """
        content = self._readable(_file(job))
        transcript = Transcript.from_json(sealed["transcript"])
        mentions = mentions_from_json(sealed["mentions"])
        every = (*mentions, *self._known_since(job, sealed))
        written, made = self.outputs.write_bleeped(
            job.id,
            title_of(job.demand.participants, job.id),
            content,
            transcript,
            every,
            self._listener(transcript),
        )
        settings = self.study.settings.bleep
        self.log.append("bleeped", subject=job.id, **kept.details(settings, made))
        return written, made.flags

    def _known_since(self, job: Job, sealed: Mapping[str, Any]) -> tuple[Mention, ...]:
        """Where names of the key stand that are no mentions; their types matter to nobody."""
        transcript = Transcript.from_json(sealed["transcript"])
        missed = coding.missed(
            transcript,
            mentions_from_json(sealed["mentions"]),
            self.key.table.known_names(self.study.settings.policies),
            self._case(job, Reviewed.from_json(sealed.get(REVIEW))).every_decision,
            job.id,
        )
        return tuple(
            Mention(turn, start, end, "PERSON", transcript.turns[turn].text[start:end], 1.0, "key")
            for turn, start, end in missed
        )

    def _decided_since(self, job: Job, sealed: Mapping[str, Any]) -> bool:
        """Whether a person decided something since a source was coded that changes its codes."""
        transcript = Transcript.from_json(sealed["transcript"])
        if sealed.get("text", transcript.digest) != transcript.digest:
            return True  # words were corrected
        case = self._case(job, Reviewed.from_json(sealed.get(REVIEW)))
        if not case.every_decision and not sealed.get("decided"):
            return False  # nor was there anything to take back
        found = mentions_from_json(sealed.get("machine", sealed["mentions"]))
        now = coding.coded(found, transcript, case).mentions
        return now != mentions_from_json(sealed["mentions"])

    def _listener(self, transcript: Transcript) -> kept.Listen | None:
        """Hears what was written; None without a speech model, as where deltas are merged."""
        try:
            transcriber = self.tools.transcriber
        except ModelError:
            return None
        return lambda sound: transcriber.transcribe(sound, language=transcript.language)

    # -- the names of the whole study

    @property
    def names_version(self) -> str:
        """Stands for the names that are looked for: the key's version, and the types it counts."""
        return "+".join((self.key.version, *self.study.settings.policies.keeps))

    def sweep_written(self, job: Job, stage: Callable[[Stage], None], progress: Progress) -> Job:
        """Code a written source anew if the key has names that it was coded without, or a person
        decided otherwise since.

        Outputs that a person has changed are never overwritten: `edited` tells of them. A copy
        of the recording is no work of theirs, and is made anew. Raises RecordingError when they
        lack what was decided, which would go with the raw transcript.
        """
        sealed = self._unseal(job.id)
        since, decided = self._known_since(job, sealed), self._decided_since(job, sealed)
        if not since and not decided:
            return job
        coded = self.outputs.coded(job.id, sealed)
        edited = self.outputs.changed(job.state, coded)
        if not sealed.get("copying"):
            edited += self.outputs.changed_copies(job.state)
        if edited and decided:
            raise not_overwritten(job.id, edited)
        if edited:
            self.edited[job.id] = tuple(edited)
            return self._copied_anew(job, sealed, mentions_to_json(since))
        self.log.append("reset", subject=job.id)
        job = self._advance(job, stage=Stage.TRANSCRIBED, approved=None)
        return self.process(job, stage, progress)

    def _copied_anew(self, job: Job, sealed: dict[str, Any], since: list[dict[str, Any]]) -> Job:
        """Make a kept copy anew that says the names of `since`, once: it is sealed for which.

        Without the recording, or where a person has changed the copy, it can only be told that it
        may say them.
        """
        copies = any(is_bleeped(output) for output in job.state.outputs)
        copying = sealed.get("copying", False)
        done = sealed.get("covered") == since and not copying
        if not copies or not job.demand.keep_bleeped or done:
            return job
        flags = tuple(flag for flag in job.state.flags if flag.kind not in OF_COPIES)
        theirs = not copying and self.outputs.changed_copies(job.state)
        if job.source is None or theirs:
            audible: tuple[Flag, ...] = (Flag("name-audible", count=len(since)),)
            outputs = job.state.outputs
        else:
            # After a crash a copy that state.json does not know is ours.
            self._seal(job.id, {**sealed, "copying": True})
            bleeped, audible = self._write_bleeped(job, sealed)
            outputs = {**job.state.outputs, **bleeped}
        approved = None if audible else job.state.approved  # what was approved was not this
        job = self._advance(job, outputs=outputs, flags=(*flags, *audible), approved=approved)
        self._seal(job.id, {**sealed, "covered": since, "copying": False})
        return job

    def sweep_outputs(self, name: str, state: SourceState) -> SourceState:
        """Replace the names of the key that outputs still hold whose raw transcript is gone.

        The key is saved first, then the new outputs are sealed, then they take the place of
        the old ones: a crash leaves what another sweep begins again or `end_sweep` finishes,
        with the same result.
        """
        present = self.outputs.present(state)
        readings = {output: self.outputs.reading(output, present, state) for output in present}
        edited = tuple(output for output, coded in readings.items() if coded is None)
        if edited:
            self.edited[name] = edited
        outputs: dict[str, str] = {}
        flags: tuple[Flag, ...] = ()
        count = 0
        for output, coded in readings.items():
            swept = coded and sweep.sweep(
                coded,
                self.key.table,
                state,
                name,
                template=self.study.settings.template,
                policies=self.study.settings.policies,
            )
            if not swept:
                continue
            self.key.save(replace(self.key.table, entities=swept.entities))
            count, flags = max(count, swept.count), swept.flags
            new = formats.render(
                swept.transcript, formats.form_of(output), title=formats.title_of(output)
            )
            outputs[output] = new.hex()
        if not outputs:
            return state
        if any(is_bleeped(output) for output in state.outputs):
            flags += (Flag("name-audible", count=count),)
        self._seal(name, {"outputs": outputs, "count": count, "stage": state.stage})
        state = replace(state, stage=Stage.SWEEPING, flags=(*state.flags, *flags))
        self._save_state(name, state)
        return self.end_sweep(name, state)

    def end_sweep(self, name: str, state: SourceState) -> SourceState:
        """Put sealed new outputs into the place of the old ones. Repeatable."""
        sealed = self._unseal(name)
        digests = dict(state.outputs)
        for output, text in sealed["outputs"].items():
            data = bytes.fromhex(text)
            path = self.study.folder / output
            if path.is_file() and sha256(path) == state.outputs[output]:
                write_output(path, data, formats.reread(data, formats.form_of(output)))
            if path.is_file() and path.read_bytes() == data:  # else a person was quicker
                digests[output] = hashlib.sha256(data).hexdigest()
        self.log.append(
            "swept",
            subject=name,
            files=len(sealed["outputs"]),
            mentions=sealed["count"],
            outputs=digest_of(digests),
        )
        state = replace(state, stage=Stage(sealed["stage"]), outputs=digests, accepted={})
        self._save_state(name, state)
        self.forget(name)
        return state

    def hits(self, name: str, state: SourceState) -> tuple[sweep.Hit, ...]:
        """Where names of the key can be read in a source's outputs, but for accepted ones."""
        return self.outputs.unaccepted(state, self.edited.get(name, ()))

    # -- written -> final

    def _finish(self, job: Job) -> Job:
        """Delete the original where consent says so; the sealed transcript goes in any case."""
        self._check_outputs(job)
        job = self._with_wanted_copy(job)
        if self.waits_for(job) is not None:  # a person must listen to the copy first
            return job
        if not deletes(self.study, job.state):
            return self._close(job)
        make_folder(self.study.receipts)  # now, since without it there is no deletion
        rule, source = str(job.demand.rule), job.state.digest
        intent = announce(self.log, job.id, rule=rule, source=source)
        job = self._advance(
            job,
            deleting=intent,
            rule=str(job.demand.rule),
            versions=job.demand.versions,
            participants=job.demand.participants,
        )
        return replace(job, state=self.complete(job.id, job.state))

    def _without_unwanted_copy(self, job: Job) -> Job:
        """Delete the bleeped copy if the rule has changed since; what it may say is no matter."""
        copies = [output for output in job.state.outputs if is_bleeped(output)]
        if job.demand.keep_bleeped or not copies:
            return job
        for name in copies:
            (self.study.folder / name).unlink(missing_ok=True)
        sync_folder(self.study.bleeped)
        self.log.append("bleeped-deleted", subject=job.id, rule=str(job.demand.rule))
        outputs = {n: d for n, d in job.state.outputs.items() if n not in copies}
        flags = tuple(flag for flag in job.state.flags if flag.kind not in OF_COPIES)
        return self._advance(job, outputs=outputs, flags=flags)

    def _with_wanted_copy(self, job: Job) -> Job:
        """Make the bleeped copy if the rule has changed since the outputs came."""
        there = any(is_bleeped(output) for output in job.state.outputs)
        if there or not job.demand.keep_bleeped or job.state.kind != "audio":
            return job
        bleeped, audible = self._write_bleeped(job, self._unseal(job.id))
        outputs = {**job.state.outputs, **bleeped}
        if audible:  # what was approved was not this
            flags = (*job.state.flags, *audible)
            return self._advance(job, outputs=outputs, flags=flags, approved=None)
        return self._advance(job, outputs=outputs)

    def complete(self, name: str, state: SourceState) -> SourceState:
        """Carry out a deletion whose intent is logged. Repeatable, and asks no consent:
        what was begun must end, whatever the register says by now.
        """
        assert state.deleting is not None
        intent = announced(self.log, state.deleting, name, state.digest)
        encrypted = self.study.encrypted(state.kind, name).is_file()
        custody = datakey.destroy(self.key, self.log, name)
        erased = self._erase_original(name, state)
        if custody is not None and (custody.sealed or encrypted):
            erased = erase.with_data_key_destroyed(erased)
        certify(
            self.study,
            self.log,
            intent,
            erased,
            custody,
            kind=state.kind,
            participants=state.participants,
            versions=state.versions,
            approved=state.approved,
            outputs=state.outputs,
        )
        return self.close(name, state)

    def close(self, name: str, state: SourceState, result: str = "done") -> SourceState:
        """Make a source final: its raw transcript goes, whatever became of its original."""
        self.forget(name)
        if not datakey.original(self.study, name, self.key.table.sources[name]).exists():
            datakey.destroy(self.key, self.log, name)
        self.log.append("final", subject=name, result=result)
        state = replace(state, stage=Stage.FINAL)
        self._save_state(name, state)
        return state

    def forget(self, name: str) -> None:
        """Delete the sealed transcript of a source, or its pieces, durably; none is no error."""
        partial.forget(self.study, name)
        sealed = self.study.working_file(name)
        if sealed.exists():
            sealed.unlink()
            sync_folder(sealed.parent)

    def _close(self, job: Job) -> Job:
        return replace(job, state=self.close(job.id, job.state))

    def _check_outputs(self, job: Job) -> None:
        if not job.state.outputs and not self._is_signed_for("outputs-deleted", job.id):
            raise RecordingError(
                f"{job.id} has no outputs, so nothing was deleted: run `anonpipe run --again "
                f"{job.id}` to write them anew."
            )
        for name, digest in job.state.outputs.items():
            path = self.study.folder / name
            if not path.is_file():
                raise RecordingError(
                    f"{name} is missing, so nothing was deleted: "
                    f"run `anonpipe run --again {job.id}` to write it anew."
                )
            if sha256(path) != digest:
                raise RecordingError(
                    f"{name} was changed since it was written, so nothing was deleted: "
                    f"accept it with `anonpipe review --approve {job.id}`."
                )

    def _erase_original(self, name: str, state: SourceState) -> Erased:
        """Erase what a crash left half done, then the file itself if it is still the same one."""
        folder = self.study.source_folder(state.kind)
        path = folder / self.key.table.sources[name].path
        sealed = self.study.encrypted(state.kind, name)
        erased = erase.already_gone(folder)
        for half in (half for at in {folder, path.parent} for half in erase.pending(at, name)):
            erased = erase.erase(half)
        if datakey.custody(self.log, name) is not None and sealed.is_file():
            erased = erase.erase(erase.begin(sealed, name))
        return erase_if_same(self.key, path, name, state.digest) or erased

    # -- helpers

    def _readable(self, source: Source) -> Readable:
        """A source's file, or its content in memory where it lies encrypted."""
        if source.sealed is None:
            return source.path
        data = datakey.decrypt(source.path, self.key.table.sources[source.sealed].data_key)
        suffix = f".{SEALED_DOCUMENT}" if source.kind == "text" else ""
        return Plaintext(source.sealed + suffix, data)

    def _seal(self, name: str, data: Mapping[str, Any]) -> None:
        make_folder(self.study.sealed)
        write_durably(self.study.working_file(name), self.key.seal_working(name, data), mode=0o600)

    def _unseal(self, name: str) -> dict[str, Any]:
        return self.key.unseal(self.study.working_file(name))

    def has_raw(self, name: str) -> bool:
        """Whether a source's raw transcript is still there."""
        return self.study.working_file(name).is_file()

    def _advance(self, job: Job, **changes: Any) -> Job:
        state = replace(job.state, **changes)
        self._save_state(job.id, state)
        return replace(job, state=state)


def _file(job: Job) -> Source:
    if job.source is None:
        raise RecordingError(
            f"The file of {job.id} is gone before anonpipe had done with it: put it back, or "
            "change its rule in the consent register."
        )
    return job.source


def _details(counts: Mapping[str, int]) -> dict[str, Any]:
    """Counts as details of a log entry."""
    return {kind.casefold(): count for kind, count in sorted(counts.items())}
