// The whole page: a bar with where one is, and the view the address names.
import { type JSX, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Host } from "../host.ts";
import { HostContext } from "../model/hostContext.ts";
import { readRoute, type Route, writeRoute } from "../model/route.ts";
import { readTheme, setTheme, type Theme, THEMES } from "../model/theme.ts";
import { Compare } from "./compare.tsx";
import { RunList } from "./runList.tsx";
import { RunView } from "./runView.tsx";

export function App({ host }: { host: Host }): JSX.Element {
  const [route, setRoute] = useState<Route>(() => readRoute(window.location.hash));
  useEffect(() => {
    const follow = () => {
      setRoute(readRoute(window.location.hash));
      window.scrollTo(0, 0);
      document.querySelector("main")?.focus();
    };
    window.addEventListener("hashchange", follow);
    const stop = host.onEvent((event) => {
      window.location.hash = writeRoute(
        event.kind === "open" ? { view: "run", run: event.run } : { view: "compare", runs: event.runs },
      );
    });
    return () => {
      window.removeEventListener("hashchange", follow);
      stop();
    };
  }, [host]);
  useEffect(() => {
    document.title = route.view === "run" ? `${route.run} – Tunesmith` : "Tunesmith";
  }, [route]);
  return (
    <HostContext.Provider value={host}>
      <header class="bar" data-live>
        <a class="brand" href="#">
          Tunesmith
        </a>
        <nav aria-label="where you are">
          {route.view !== "list" && <a href="#">All runs</a>}
          {route.view === "run" && <Here text={route.run} />}
          {route.view === "compare" && <Here text={route.runs.join(" and ")} />}
        </nav>
        {host.kind === "browser" && <ThemeChoice />}
      </header>
      <main tabIndex={-1}>
        {route.view === "list" && <RunList />}
        {route.view === "run" && <RunView key={route.run} id={route.run} />}
        {route.view === "compare" && <Compare key={route.runs.join()} runs={route.runs} />}
      </main>
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
