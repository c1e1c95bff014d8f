// The page in a browser: questions go to the server it came from, over HTTP on loopback.
import { type Host, HostError } from "./host.ts";
import { takeToken } from "./model/route.ts";

const SESSION = "tunesmith session";
const OVER = "The page's server has ended. Run `tunesmith ui` again and open the link it prints.";

export async function browserHost(): Promise<Host> {
  const session = await openSession();
  return {
    kind: "browser",
    request: (method, params) => post(`/${method}`, params, session),
    onEvent: () => () => {},
    save: (name, content) => Promise.resolve(download(name, content)),
    remember: () => {}, // it stands in the address
  };
}

// The token works once. What it is taken for lives as long as the tab, so that the page can be loaded anew.
async function openSession(): Promise<string> {
  const token = takeToken(window.location, window.history);
  if (token !== null) {
    const opened = await post<{ session: string }>("/session", { token }, "");
    sessionStorage.setItem(SESSION, opened.session);
  }
  return sessionStorage.getItem(SESSION) ?? "";
}

async function post<T>(path: string, body: unknown, session: string): Promise<T> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${session}` };
  let response: Response;
  try {
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new HostError(OVER, true);
  }
  if (!response.ok) {
    const refusal = (await response.json()) as { message: string; next_step?: string | null };
    const step = refusal.next_step ? ` ${refusal.next_step}` : "";
    throw new HostError(`${refusal.message}${step}`, response.status === 401 || response.status === 403);
  }
  return (await response.json()) as T;
}

function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
