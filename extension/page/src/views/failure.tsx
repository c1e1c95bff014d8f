import type { JSX } from "preact";

/** Why the page cannot show, or no longer follows, what it should. */
export function Failure({ message }: { message: string }): JSX.Element {
  return (
    <p class="failure" role="alert">
      {message}
    </p>
  );
}
