// Colours of a quantity: even steps of lightness from a deep violet to a pale yellow, by OKLab, so that
// equal steps look equal, to those too who see few hues, on a light plate and on a dark one.

const DARK = { lightness: 0.27, chroma: 0.1, hue: 295 }; // hue in degrees
const PALE = { lightness: 0.92, chroma: 0.13, hue: 105 };
const STEPS = 256;

export type Colour = [red: number, green: number, blue: number]; // 0 to 255

const RAMP: Colour[] = Array.from({ length: STEPS }, (_, k) => mixed(k / (STEPS - 1)));

/** The colour at 0 to 1. */
export function colour(share: number): Colour {
  return RAMP[Math.round(Math.min(Math.max(share, 0), 1) * (STEPS - 1))]!;
}

/** Where a value lies between the least and the most; the middle where these are one. */
export function share(value: number, low: number, high: number): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}

function mixed(share: number): Colour {
  const at = (a: number, b: number) => a + (b - a) * share;
  const radians = (at(DARK.hue, PALE.hue) * Math.PI) / 180;
  const chroma = at(DARK.chroma, PALE.chroma);
  return fromLab(at(DARK.lightness, PALE.lightness), chroma * Math.cos(radians), chroma * Math.sin(radians));
}

/** OKLab to sRGB, as its author gives the matrices; what a screen cannot show is cut. */
function fromLab(lightness: number, a: number, b: number): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    shown(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    shown(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    shown(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function shown(linear: number): number {
  const bent = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(bent, 0), 1));
}
