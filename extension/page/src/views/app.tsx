// The whole page: a bar with where one is, and the view the address names.
import { type JSX, Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Host } from "../host.ts";
import { HostContext, NavigateContext } from "../model/hostContext.ts";
import { readRoute, type Route, writeRoute } from "../model/route.ts";
import { readTheme, setTheme, type Theme, THEMES } from "../model/theme.ts";
import { Compare } from "./compare.tsx";
import { Link } from "./link.tsx";
import { RunList } from "./runList.tsx";
import { RunView } from "./runView.tsx";

/** `start`: the view a webview opens with; in a browser the address says it. */
export function App({ host, start }: { host: Host; start: Route | null }): JSX.Element {
  const [route, setRoute] = useState<Route>(() => start ?? readRoute(window.location.hash));
  const main = useRef<HTMLElement>(null);
  const arrive = (next: Route) => {
    setRoute(next);
    window.scrollTo(0, 0);
    main.current?.focus();
  };
  const navigate = (next: Route) => {
    if (host.kind === "webview") arrive(next);
    else window.location.hash = writeRoute(next);
  };
  useEffect(() => {
    const follow = () => arrive(readRoute(window.location.hash));
    window.addEventListener("hashchange", follow);
    const stop = host.onEvent((event) =>
      arrive(event.kind === "open" ? { view: "run", run: event.run } : { view: "compare", runs: event.runs }),
    );
    return () => {
      window.removeEventListener("hashchange", follow);
      stop();
    };
  }, [host]);
  useEffect(() => {
    host.remember(writeRoute(route));
    document.title = route.view === "run" ? `${route.run} – Tunesmith` : "Tunesmith";
  }, [route]);
  return (
    <HostContext.Provider value={host}>
      <NavigateContext.Provider value={navigate}>
        <header class="bar" data-live>
          <Link to={{ view: "list" }} kind="brand">
            Tunesmith
          </Link>
          <nav aria-label="where you are">
            {route.view !== "list" && <Link to={{ view: "list" }}>All runs</Link>}
            {route.view === "run" && <Here text={route.run} />}
            {route.view === "compare" && <Here text={route.runs.join(" and ")} />}
          </nav>
          {host.kind === "browser" && <ThemeChoice />}
        </header>
        <main tabIndex={-1} ref={main}>
          {route.view === "list" && <RunList />}
          {route.view === "run" && <RunView key={route.run} id={route.run} />}
          {route.view === "compare" && <Compare key={route.runs.join()} runs={route.runs} />}
        </main>
      </NavigateContext.Provider>
    </HostContext.Provider>
  );
}

function Here({ text }: { text: string }): JSX.Element {
  return (
    <Fragment>
      <span aria-hidden="true">/</span>
      <span aria-current="page">{text}</span>
    </Fragment>
  );
}

function ThemeChoice(): JSX.Element {
  const [theme, choose] = useState<Theme>(readTheme);
  return (
    <label class="theme">
      <span class="visually-hidden">Theme</span>
      <select
        value={theme}
        onChange={(event) => {
          const chosen = event.currentTarget.value as Theme;
          setTheme(chosen);
          choose(chosen);
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
