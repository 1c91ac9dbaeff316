/** A page of text for people: fitted to the terminal, in colour where that is wanted, and in ASCII. */

import { Help } from "commander";
import picocolors from "picocolors";
import stringWidth from "string-width";

const [NARROWEST, WIDEST] = [40, 120];

/** The number of columns of a page: by the environment or the terminal, else 80. */
export function widthOf(stream: NodeJS.WriteStream): number {
  const width = Number(process.env["COLUMNS"]) || stream.columns || 80;
  return Math.min(Math.max(width, NARROWEST), WIDEST);
}

/** Returns true if colour is to be used: `NO_COLOR` and `FORCE_COLOR` decide, else a terminal has colour. */
export function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return !["0", "false"].includes(FORCE_COLOR);
  return stream.isTTY === true && TERM !== "dumb";
}

/** Colours by what they mean. */
export interface Paint {
  bad(text: string): string;
  warn(text: string): string;
  good(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

function paintOf(colour: boolean): Paint {
  const { red, yellow, green, bold, dim } = picocolors.createColors(colour);
  return { bad: (text) => bold(red(text)), warn: yellow, good: (text) => bold(green(text)), strong: bold, faint: dim };
}

/** Lines, one after the other. Words are wrapped and never broken: a scope is copied in one piece. */
export class Page {
  readonly paint: Paint;
  readonly #lines: string[] = [];

  constructor(
    readonly width: number,
    colour: boolean,
  ) {
    this.paint = paintOf(colour);
  }

  /** A line as it is; an empty one without a text. Two empty lines never follow each other. */
  line(text = ""): void {
    if (text || this.#lines.at(-1)) this.#lines.push(text);
  }

  /** A paragraph behind `before`; its further lines are indented as far. */
  say(text: string, before = ""): void {
    const indent = stringWidth(before);
    const [first = "", ...rest] = wrap(text, this.width - indent);
    this.line(`${before}${first}`);
    for (const line of rest) this.line(" ".repeat(indent) + line);
  }

  /** An empty line, a heading and what belongs under it. */
  section(heading: string, fill: () => void): void {
    this.line();
    this.say(this.paint.strong(heading));
    fill();
  }

  /** Rows of two columns. Where the first is too wide, the second goes under it. */
  rows(rows: readonly (readonly [string, string])[]): void {
    const widest = Math.max(0, ...rows.map(([first]) => stringWidth(first)));
    const beside = widest + 4 <= this.width / 2;
    for (const [first, second] of rows) {
      if (beside) this.say(second, `  ${first}${" ".repeat(widest - stringWidth(first))}  `);
      else {
        this.say(first, "  ");
        this.say(second, "      ");
      }
    }
  }

  /** Paragraphs in a box. */
  box(heading: string, paragraphs: readonly string[]): void {
    const { bad } = this.paint;
    const lines = paragraphs.flatMap((text) => ["", ...wrap(text, this.width - 4)]);
    // A word may be wider than the page; the box then grows with it, so that its edge stays straight.
    const inner = Math.max(this.width - 4, ...lines.map((line) => stringWidth(line)));
    const edge = bad(`+${"-".repeat(inner + 2)}+`);
    const row = (text: string) => `${bad("|")} ${text}${" ".repeat(inner - stringWidth(text))} ${bad("|")}`;
    this.line(edge);
    this.line(row(bad(heading)));
    for (const line of lines) this.line(row(line));
    this.line(edge);
  }

  toString(): string {
    return `${this.#lines.join("\n").trimEnd()}\n`;
  }
}

/** Wraps words by the columns that they take. */
class Wrapper extends Help {
  override minWidthToWrap = 1;

  override displayWidth(text: string): number {
    return stringWidth(text);
  }
}

function wrap(text: string, width: number): string[] {
  return new Wrapper().boxWrap(text, Math.max(width, 20)).split("\n");
}
