import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../support/root.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

for (const folder of ['src/stages', 'src/pipeline']) {
  const index = read(`${folder}/index.ts`)

  for (const [, names = '', file = ''] of index.matchAll(/^export \{ (.+) \} from '\.\/(.+)'$/gm)) {
    test(`${folder}/${file}: what ${names} takes is exported too`, t => {
      const text = read(`${folder}/${file}`)
      const inits = [...text.matchAll(/^export (?:interface|type) (\w+(?:Init|Options))\b/gm)].map(([, name]) => name as string)
      const taken = inits.filter(name => new RegExp(`^export function (${names.replaceAll(', ', '|')})\\b.*\\b${name}\\b`, 'm').test(text))

      for (const name of taken) {
        t.regex(index, new RegExp(`export type \\{.*\\b${name}\\b.*\\}`))
      }

      t.pass()
    })
  }
}
