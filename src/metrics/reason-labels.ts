/** Maximum number of different labels: each is a line in every scrape */
const MAX_LABELS = 64

/** Maximum characters of a label. The labels of this package's own stages are shorter */
const MAX_LENGTH = 64

/** Makes metric labels from stage names and drop reasons. Cuts reasons at the first variable part: a number, a name or an error message */
export class ReasonLabels {
  readonly #known = new Set<string>()

  /** Returns the name of a stage with the beginning of its reason. `other` for each new label after the 64th */
  of (stage: string, reason: string): string {
    const [beginning = ''] = reason.split(/[\d:,;"'/(]/, 1)
    const label = `${stage}: ${beginning.trim().replace(/ (?:of|than|in)$/, '')}`.slice(0, MAX_LENGTH)

    if (!this.#known.has(label)) {
      if (this.#known.size >= MAX_LABELS) {
        return 'other'
      }

      this.#known.add(label)
    }

    return label
  }
}
