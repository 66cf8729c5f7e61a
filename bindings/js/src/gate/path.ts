// A path for logs.

/** Without scheme, authority, query and fragment: none of them is for a log. At most 256 characters. */
export function pathOf(target: string | Uint8Array): string {
  const text = typeof target === "string" ? target : String.fromCharCode(...target.subarray(0, READ));
  const path = text.slice(0, READ).replace(/^https?:\/\/[^/?#]*/i, "").split(/[?#]/, 1)[0] as string;
  return path.slice(0, SHOWN);
}

/** Bytes of a target that are looked at, and characters of a path that are shown. */
const READ = 4_096;
const SHOWN = 256;
