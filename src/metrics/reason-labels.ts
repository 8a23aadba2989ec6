/** Labels that are told apart: a scrape has a line for each */
const MAX_LABELS = 64

/** Characters: the labels of the package's own stages are not cut */
const MAX_LENGTH = 64

/** Labels for the reasons that stages give, which are bounded: a reason has numbers, names and messages of errors in it */
export class ReasonLabels {
  readonly #known = new Set<string>()

  /** Returns the name of a stage with what its reason begins with. `other` for any beyond the 64th */
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
