import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { root } from '../support/root.ts'
import { blocksIn } from './blocks.ts'
import type { Block } from './blocks.ts'

/** A block as a file that can be compiled and run */
export interface Module {
  block: Block
  /** The path, relative to the root */
  path: string
}

/** A folder inside the project, so that imports of the package resolve to the build */
export const folder = '.docs'

/** Returns the blocks of README.md and docs */
export async function projectBlocks (): Promise<Block[]> {
  const blocks = await Promise.all((await pages()).map(async file => blocksIn(await readFile(join(root, file), 'utf8'), file)))

  return blocks.flat()
}

/** Returns the paths of README.md and the pages in docs, relative to the root */
export async function pages (): Promise<string[]> {
  const files: string[] = []

  for await (const file of glob('{README.md,docs/**/*.md}', { cwd: root })) {
    files.push(file)
  }

  return files
}

/** Writes blocks as modules into an emptied folder, with a compiler project */
export async function writeModules (blocks: readonly Block[], into: string): Promise<Module[]> {
  await rm(join(root, into), { recursive: true, force: true })
  await write(`${into}/tsconfig.json`, JSON.stringify(project(into)))

  return Promise.all(blocks.map(async block => {
    const path = `${into}/${block.file.replace(/\.md$/, '')}.${block.line}.ts`

    // blank lines in front, so that a line number in the module is the line number in the Markdown
    await write(path, `${'\n'.repeat(block.line)}${block.code}\n`)

    return { block, path }
  }))
}

async function write (path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function project (into: string): object {
  return {
    extends: `${relative(into, '.')}/tsconfig.json`,
    compilerOptions: {
      noEmit: true,
      // with an outDir the compiler would resolve the package's own name to its sources
      outDir: null,
      rootDir: null,
      moduleDetection: 'force',
      noUnusedLocals: false,
      noUnusedParameters: false
    },
    include: ['**/*.ts']
  }
}
