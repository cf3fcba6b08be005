// Guards the YAML composer, which is recursive: a file of a few hundred kilobytes of `[` would
// exhaust the stack, and V8 can abort the process there instead of throwing. The parser below it
// is not recursive, so its tokens are measured first, without recursion.
import { type CST, Parser } from "yaml";

/** The deepest nesting of lists and maps that a configuration may have; the schema needs seven. */
export const nestingMax = 64;

/** Tokens of a YAML text, or the offset of the place where it is nested too deeply. */
export function parseTokens(
  text: string,
  onNewLine: (offset: number) => void,
): { readonly tokens: CST.Token[]; readonly tooDeepAt: number | null } {
  const tokens: CST.Token[] = [];
  for (const token of new Parser(onNewLine).parse(text)) {
    const tooDeepAt = findTooDeep(token);
    if (tooDeepAt !== null) return { tokens: [], tooDeepAt };
    tokens.push(token);
  }
  return { tokens, tooDeepAt: null };
}

function findTooDeep(root: CST.Token): number | null {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > nestingMax) return "offset" in token ? token.offset : 0;
    if (token.type === "document" && token.value)
      open.push({ token: token.value, depth: depth + 1 });
    if (!("items" in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}
