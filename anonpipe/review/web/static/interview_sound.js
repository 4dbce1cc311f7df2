// Playing the recording. Sound is fetched some seconds at a time and lives in this page's memory
// alone: an <audio> element would keep it in the browser's media cache, on the disk.

import { stretch } from "./interview_stretch.js";
import { get } from "./common.js";

const PIECE = 20; // seconds of one answer while it plays on
const FIRST = 5; // of the first one, so that it is heard at once
const RATE = 24000; // samples per second, more than speech needs
export const AROUND = 2; // seconds before and after the words of a place
export const SPEEDS = [0.75, 1, 1.25, 1.5];

export class Player {
  /** `tell(second)` is called while it plays, with null once it ends. */
  constructor(source, duration, tell) {
    this.source = source;
    this.duration = duration ?? 0;
    this.tell = tell;
    this.speed = 1;
    this.covered = false;
    this.run = null;
  }

  get playing() { return this.run !== null; }

  /** Play from a second to another, to the end of the recording if that is null. */
  async play(from, to = null, covered = this.covered) {
    this.stop();
    const last = Math.min(to ?? Infinity, this.duration || Infinity);
    const run = { from: Math.max(0, from), last, covered, nodes: [], pieces: [], at: Math.max(0, from) };
    this.run = run;
    this.context ??= new AudioContext({ sampleRate: RATE });
    if (this.context.state === "suspended") await this.context.resume();
    try {
      let second = run.from;
      let size = FIRST;
      let next = this.fetch(second, Math.min(second + size, last), covered);
      while (this.run === run && second < last - 0.02) {
        const end = Math.min(second + size, last);
        const buffer = await next;
        if (this.run !== run) return;
        if (buffer === null) break; // The recording ends earlier than it said.
        size = PIECE;
        next = end < last - 0.02 ? this.fetch(end, Math.min(end + size, last), covered) : null;
        next?.catch(() => {}); // It is awaited in the next round, if there is one.
        this.schedule(run, buffer, second);
        if (buffer.duration < 0.02) break;
        second = end;
        await this.until(run, () => run.ends - this.context.currentTime < 4);
      }
      await this.until(run, () => this.context.currentTime >= (run.ends ?? 0));
      if (this.run === run) this.stop();
    } catch (error) {
      if (this.run === run) this.stop();
      throw error;
    }
  }

  stop() {
    const run = this.run;
    if (!run) return;
    this.run = null;
    cancelAnimationFrame(run.frame);
    for (const node of run.nodes) node.stop();
    this.tell(null);
  }

  /** Another speed, from where it plays. */
  setSpeed(speed) {
    const run = this.run;
    this.speed = speed;
    if (run) return this.play(this.second(run), run.last, run.covered);
    return undefined;
  }

  close() {
    this.stop();
    this.context?.close();
    this.context = undefined;
  }

  async fetch(from, to, covered) {
    const seconds = `from=${from.toFixed(3)}&to=${to.toFixed(3)}&covered=${covered ? 1 : 0}`;
    const answer = await get(`/interviews/${this.source}/sound?${seconds}`);
    // Past the end of the recording there is nothing to hear.
    return this.context.decodeAudioData(await answer.arrayBuffer()).catch(() => null);
  }

  schedule(run, buffer, second) {
    let played = buffer;
    if (this.speed !== 1) {
      const samples = stretch(buffer.getChannelData(0), buffer.sampleRate, this.speed);
      played = this.context.createBuffer(1, samples.length, buffer.sampleRate);
      played.copyToChannel(samples, 0);
    }
    const node = this.context.createBufferSource();
    node.buffer = played;
    node.connect(this.context.destination);
    const starts = Math.max(this.context.currentTime + 0.02, run.ends ?? 0);
    node.start(starts);
    run.nodes.push(node);
    run.pieces.push({ starts, second });
    run.ends = starts + played.duration;
    if (run.frame === undefined) {
      const frame = () => {
        if (this.run !== run) return;
        this.tell(this.second(run));
        run.frame = requestAnimationFrame(frame);
      };
      run.frame = requestAnimationFrame(frame);
    }
  }

  /** The second of the recording that is heard now. */
  second(run = this.run) {
    const now = this.context.currentTime;
    const piece = run.pieces.findLast((each) => each.starts <= now) ?? run.pieces[0];
    return piece ? piece.second + Math.max(0, now - piece.starts) * this.speed : run.from;
  }

  until(run, ready) {
    return new Promise((resolve) => {
      const look = () => (this.run !== run || ready() ? resolve() : setTimeout(look, 60));
      look();
    });
  }
}
