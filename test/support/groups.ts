import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

/** A file with hooks needs a process of its own, as a file directly in test/ does */
const HOOK = /\btest\.(?:before|after)/

/** Test files per process. Loading ava, libp2p and the code takes longer than most test files */
const SIZE = 12

const FOLDER = '.tests'

/**
 * Returns test files in groups by name: each group has files of one folder. Neighbours, whose cost is often alike, are in different groups. Groups of
 * small folders come last, because they are short. Large folders take turns, so that tests of real nodes, which wait, run beside tests that compute.
 */
export function groupsOf (files: readonly string[]): Array<[name: string, files: string[]]> {
  const groups = new Map<string, string[]>()
  const folders = Map.groupBy(files.toSorted(), file => file.split('/')[1])
  const numberOf = (name: string): number => Number(name.split('-').at(-1))

  for (const [folder, members] of [...folders].toSorted(([, a], [, b]) => b.length - a.length)) {
    const count = Math.ceil(members.length / SIZE)

    for (const [i, file] of members.entries()) {
      const name = `${folder}-${i % count + 1}`
      groups.set(name, [...groups.get(name) ?? [], file])
    }
  }

  return [...groups].toSorted(([a], [b]) => numberOf(b) - numberOf(a))
}

/** Writes a file for each group, which runs the tests of the group in one process. Returns all files to run */
export function writeGroups (files: readonly string[]): string[] {
  const alone = files.filter(file => file.split('/').length === 2 || HOOK.test(readFileSync(join(root, file), 'utf8')))

  rmSync(join(root, FOLDER), { recursive: true, force: true })
  mkdirSync(join(root, FOLDER))

  const written = groupsOf(files.filter(file => !alone.includes(file))).map(([name, members]) => {
    const path = `${FOLDER}/${name}.ts`
    writeFileSync(join(root, path), `import { runTogether } from '../test/support/run-together.ts'\n\nawait runTogether(${JSON.stringify(members, null, 2)})\n`)

    return path
  })

  return [...alone, ...written]
}
