import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { blocksIn } from './docs/blocks.ts'
import { pages } from './docs/modules.ts'
import { entries, exportedNames } from './support/exported-names.ts'
import { root } from './support/root.ts'
import { compiler } from './support/tsc.ts'

/** Inside the project, where the package's name resolves to the built files */
const folder = join(root, '.declared')
const names = (await Promise.all(entries.map(async ([, file]) => exportedNames(file)))).flat()

test('no two entries export the same name', t => {
  t.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), [])
})

test('each exported name is used on a page', async t => {
  const texts = await Promise.all((await pages()).map(async file => readFile(join(root, file), 'utf8')))
  const code = texts.flatMap(text => blocksIn(text, '').map(({ code }) => code).concat(text.match(/`[^`\n]+`/g) ?? [])).join('\n')

  t.deepEqual(names.filter(name => !new RegExp(`\\b${name}\\b`).test(code)), [])
})

test('declarations of a program that exports this package\'s results need no unexported module', async t => {
  await mkdir(folder, { recursive: true })
  await copyFile(join(root, 'test/types/declared.ts'), join(folder, 'declared.ts'))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({
    extends: '../tsconfig.json',
    compilerOptions: { rootDir: null, outDir: null, declarationDir: 'types', declarationMap: false, emitDeclarationOnly: true },
    include: ['declared.ts']
  }))
  await promisify(execFile)(process.execPath, [compiler, '--project', folder])
  const declared = await readFile(join(folder, 'types/declared.d.ts'), 'utf8')
  await rm(folder, { recursive: true })

  t.deepEqual(declared.match(/import\("\.[^)]*\)\.\w+/g) ?? [], [])
})
