// Speech faster or slower at the same pitch: WSOLA (Verhelst and Roelands 1993). Grains of the
// sound are laid over each other at another distance than they were taken, each from where it
// continues the one before best.

const GRAIN = 0.04; // seconds
const SEARCH = 0.008; // seconds on both sides of where a grain would be taken
const COARSE = 4; // samples: how closely the best place is looked for

/** Samples (Float32Array, one channel) as they sound at another speed. */
export function stretch(samples, rate, speed) {
  if (speed === 1) return samples;
  const size = 2 * Math.round((GRAIN * rate) / 2);
  const hop = size / 2;
  const reach = Math.round(SEARCH * rate);
  const length = Math.ceil(samples.length / speed);
  if (samples.length < size + 2 * reach) return samples;
  const out = new Float32Array(length + size);
  const window = Float32Array.from(
    { length: size },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size),
  );
  let natural = 0; // where the last grain would have gone on
  for (let to = 0; to < length; to += hop) {
    const wanted = Math.min(Math.round(to * speed), samples.length - size);
    const from = to === 0 ? 0 : best(samples, natural, wanted, hop, reach, samples.length - size);
    for (let n = 0; n < size; n += 1) out[to + n] += samples[from + n] * window[n];
    natural = Math.min(from + hop, samples.length - size);
  }
  return out.subarray(0, length);
}

function best(samples, natural, wanted, hop, reach, last) {
  let found = wanted;
  let highest = -Infinity;
  const low = Math.max(0, wanted - reach);
  const high = Math.min(last, wanted + reach);
  for (let at = low; at <= high; at += COARSE) {
    let alike = 0;
    for (let n = 0; n < hop; n += COARSE) alike += samples[natural + n] * samples[at + n];
    if (alike > highest) {
      highest = alike;
      found = at;
    }
  }
  return found;
}
