import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../support/root.ts'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Parses the samples of a scrape in the Prometheus format */
export function samplesIn (text: string): Sample[] {
  return Array.from(text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/gm), ([, name = '', labels = '', value]) => ({ name, labels: labelsIn(labels), value: Number(value) }))
}

function labelsIn (text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g), ([, label = '', value = '']) => [label, value]))
}

interface Selector {
  readonly name: string
  /** Returns whether the labels of a sample match the selector */
  readonly accepts: (sample: Sample) => boolean
}

const MATCHERS: Record<string, (value: string, pattern: string) => boolean> = {
  '=': (value, pattern) => value === pattern,
  '!=': (value, pattern) => value !== pattern,
  '=~': (value, pattern) => new RegExp(`^(?:${pattern})$`).test(value),
  '!~': (value, pattern) => !new RegExp(`^(?:${pattern})$`).test(value)
}

/** Returns the selectors of a dashboard query. Prometheus itself adds `job` and `instance` to samples */
export function selectorsIn (query: string): Selector[] {
  return Array.from(query.matchAll(/(libp2p_[a-z_0-9]+)\{([^}]*)\}/g), ([, name = '', text = '']) => {
    const matchers = Array.from(text.matchAll(/([a-z_]+)(=~|!~|!=|=)"([^"]*)"/g), ([, label = '', operator = '', pattern = '']) => ({ label, operator, pattern })).filter(({ label }) => label !== 'job' && label !== 'instance')

    return { name, accepts: sample => sample.name === name && matchers.every(({ label, operator, pattern }) => MATCHERS[operator]?.(sample.labels[label] ?? '', pattern) === true) }
  })
}

/** Returns every query of the dashboard with the title of its panel */
export async function dashboardQueries (): Promise<Array<{ title: string, query: string }>> {
  const { panels } = JSON.parse(await readFile(join(root, 'docs/grafana/dial-pipeline.json'), 'utf8')) as { panels: Array<{ title: string, targets?: Array<{ expr: string }> }> }

  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, query: expr })))
}
