// A path for logs.

/** Without scheme, authority, query and fragment: none of them is for a log. At most 256 characters. */
export function pathOf(target: string | Uint8Array): string {
  const text = typeof target === "string" ? target : Array.from(target.subarray(0, MOST), character).join("");
  const path = text.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, "").split(/[?#]/, 1)[0] as string;
  return path.slice(0, MOST);
}

const MOST = 256;

const character = (byte: number): string => String.fromCharCode(byte);
