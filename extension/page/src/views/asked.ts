// Asking the host for something when it is first looked at.
import { useContext, useEffect, useState } from "preact/hooks";
import type { Method, Params, Result } from "../host.ts";
import { HostContext } from "../model/hostContext.ts";

export interface Asked<T> {
  answer: T | null;
  failure: string | null;
}

/** Asks again when the parameters change; null asks nothing. */
export function useAsked<M extends Method>(method: M, params: Params<M> | null): Asked<Result<M>> {
  const host = useContext(HostContext);
  const [asked, set] = useState<Asked<Result<M>>>({ answer: null, failure: null });
  const key = JSON.stringify(params);
  useEffect(() => {
    if (params === null) return;
    let ended = false;
    host.request(method, params).then(
      (answer) => ended || set({ answer, failure: null }),
      (error: Error) => ended || set({ answer: null, failure: error.message }),
    );
    return () => {
      ended = true;
    };
  }, [host, method, key]);
  return asked;
}
