import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from './root.ts'

const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { import?: string }> }

/** The built file of each entry of the package, by the name under which programs import it, such as `./stages` */
export const entries = Object.entries(exports).flatMap(([entry, { import: built }]) => built == null ? [] : [[entry, built.replace('./dist/', '').replace(/\.js$/, '.ts')] as const])

/** Returns the exports of a module, including types */
export async function exportedNames (file: string): Promise<string[]> {
  const code = (await readFile(join(root, file), 'utf8')).replaceAll(/\/\*.*?\*\//gs, '')
  const listed = [...code.matchAll(/^export (?:type )?\{(.*?)\}/gms)].flatMap(([, names = '']) => names.split(',').map(name => name.trim().split(' as ').at(-1) as string))
  const declared = [...code.matchAll(/^export (?:async )?(?:class|const|function|interface|type) (\w+)/gm)].map(([, name = '']) => name)
  const passedOn = await Promise.all([...code.matchAll(/^export \* from '(.+)'/gm)].map(async ([, from = '']) => exportedNames(join(dirname(file), from))))

  return [...new Set([...listed, ...declared, ...passedOn.flat()])]
}
