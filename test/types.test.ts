import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { root } from './support/root.ts'
import { typeCheck } from './support/tsc.ts'
import { expectationsIn } from './types/expectations.ts'
import type { Diagnostic } from './support/tsc.ts'

const folder = 'test/types/cases'
const names = (await readdir(join(root, folder))).filter(name => name.endsWith('.ts')).toSorted()
const cases = await Promise.all(names.map(async name => {
  const file = `${folder}/${name}`

  return { name, file, expected: expectationsIn(await readFile(join(root, file), 'utf8')) }
}))

let diagnostics: readonly Diagnostic[] = []

test.before(async () => {
  diagnostics = await typeCheck('test/types/tsconfig.json')
})

for (const { name, file, expected } of cases) {
  for (const { line, text } of expected) {
    test(`${name}:${line} does not compile: ${text}`, t => {
      const said = diagnostics.filter(one => one.file === file && one.line === line).map(one => one.message)

      t.true(said.some(message => message.includes(text)), `The compiler says of this line: ${said.join('\n') || 'nothing'}`)

      if (text.startsWith('"')) {
        t.notRegex(said.join('\n'), /\n/, 'what this package says of a stage is one line')
      }
    })
  }

  test(`${name} has no other type error`, t => {
    const others = diagnostics.filter(one => one.file === file && !expected.some(({ line }) => line === one.line))

    t.deepEqual(others, [])
  })
}

test('the compiler reports errors in the cases only', t => {
  t.deepEqual(diagnostics.filter(one => !cases.some(({ file }) => file === one.file)), [])
})
