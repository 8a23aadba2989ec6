import { folder, projectBlocks, writeModules } from './modules.ts'

await writeModules(await projectBlocks(), folder)
