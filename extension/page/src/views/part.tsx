import type { ComponentChildren, JSX } from "preact";

interface PartProps {
  id: string;
  title: string;
  note?: string;
  children: ComponentChildren;
}

/** One section of a run, reached from the line of sections. */
export function Part({ id, title, note, children }: PartProps): JSX.Element {
  return (
    <section class="part" id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {note && <p class="note">{note}</p>}
      </header>
      {children}
    </section>
  );
}
