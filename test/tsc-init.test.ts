import { execFile } from 'node:child_process'
import { copyFile, glob, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { projectBlocks, writeModules } from './docs/modules.ts'
import { find, membersOf } from './docs/reference/declarations.ts'
import { ENTRIES, namesOf } from './docs/reference/options.ts'
import { parametersOf } from './docs/reference/parameters.ts'
import { root } from './support/root.ts'
import { compiler, typeCheck } from './support/tsc.ts'

/** Inside the project, where the package's name resolves to the built files */
const folder = '.init'

/** Options of methods, which no exported function takes */
const OF_METHODS = ['BanOptions', 'BootstrapInit', 'DialPipelineOptions', 'ForgetOptions', 'PinInit', 'RemoveReportsOptions', 'ReportInit']

test.serial.before(async () => {
  await mkdir(join(root, folder), { recursive: true })
  await promisify(execFile)(process.execPath, [compiler, '--init'], { cwd: join(root, folder) })
})

test.serial.after.always(async () => rm(join(root, folder), { recursive: true, force: true }))

test.serial('the examples and the programs of the docs compile with the settings that tsc --init writes', async t => {
  await writeModules(await projectBlocks(), `${folder}/docs`)

  for await (const file of glob(join(root, '{examples/*,test/types/declared}.ts'))) {
    await copyFile(file, join(root, folder, basename(file)))
  }

  t.deepEqual(await typeCheck(folder, ['--types', 'node']), [])
})

test.serial('with the settings of tsc --init every option can be undefined', async t => {
  const types = optionTypes()
  t.true(types.has('BackoffInit') && types.has('PinQuotas'), [...types.keys()].join())

  await mkdir(join(root, folder, 'options'), { recursive: true })
  await writeFile(join(root, folder, 'options/tsconfig.json'), JSON.stringify({ extends: '../tsconfig.json' }))
  await writeFile(join(root, folder, 'options/options.ts'), [
    'type Absent<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] }',
    ...Array.from(types, ([name, members]) => `type ${name} = Pick<${importOf(name)}, '${members.join('\' | \'')}'>\nexport const of${name} = (options: Absent<${name}>): ${name} => options`)
  ].join('\n'))

  t.deepEqual((await typeCheck(`${folder}/options`)).map(one => one.message), [])
})

function importOf (name: string): string {
  const { file, text } = find(name)

  return `import('../../dist/${file.replace(/ts$/, 'js')}').${name}${text.startsWith(`${name}<S>`) ? '<unknown>' : ''}`
}

/** Returns the types of options, including options in options, with the members that this package declares */
function optionTypes (): Map<string, string[]> {
  const functions = Object.values(ENTRIES).flatMap(({ functions, folder }) => namesOf(functions).map(name => ({ name, folder })))
  const found = new Map<string, string[]>()
  const pending = [...OF_METHODS, ...functions.flatMap(({ name, folder }) => parametersOf(name, folder).map(one => one.type))]

  for (const type of pending) {
    for (const [name] of type.matchAll(/\b\w+(?:Init|Options|Fixture|Quotas)\b/g)) {
      const members = found.has(name) ? [] : membersOf(name)

      if (members.length > 0) {
        found.set(name, members.map(one => one.name))
        pending.push(...members.map(one => one.type))
      }
    }
  }

  return found
}
