import { createRequire } from 'node:module'
import { Command, Option } from 'commander'
import { TRANSPORTS } from '../testing/simulation/transports.ts'
import { milliseconds, names, probability, provenancePolicy, wholeNumber } from './arguments.ts'
import { compare } from './commands/compare.ts'
import { dial } from './commands/dial.ts'
import { printPresets } from './commands/presets.ts'
import { replay } from './commands/replay.ts'
import { addressKind, printSimulation } from './commands/simulate.ts'
import { printStages } from './commands/stages.ts'
import type { CompareOptions } from './commands/compare.ts'
import type { DialOptions } from './commands/dial.ts'
import type { ReplayOptions } from './commands/replay.ts'
import type { SimulateOptions } from './commands/simulate.ts'
import type { Context } from './context.ts'

const NAME = 'libp2p-dial-pipeline'
const { version } = createRequire(import.meta.url)(`${NAME}/package.json`) as { version: string }
const TARGET = 'multiaddrs of one peer, with or without its peer id'
const preset = (): Option => new Option('--preset <name>', 'the preset that dials: see the command presets (default: adaptive)')
const pipeline = (): Option => new Option('--pipeline <file>', 'a module whose default export is the pipeline that dials')
const json = (what: string): Option => new Option('--json', `print ${what} as JSON, and nothing else`)
const timeout = (): Option => new Option('--timeout <ms>', 'give up after so many milliseconds (default: 10000)').argParser(milliseconds)

/** Returns the commander program with all commands */
export function program (context: Context, exit: (code: number) => void): Command {
  const all = new Command(NAME)
    .description('Dials as a libp2p node with a dial pipeline does, and shows how')
    .version(version)
    .helpCommand(false)

  all.command('dial')
    .description('dial a peer, and show what is tried when and what becomes of it')
    .argument('<target...>', TARGET)
    .addOption(preset())
    .addOption(pipeline())
    .addOption(new Option('--provenance <sources>', 'dial only addresses of these sources: certified,user. With ! none of them: !dht').argParser(provenancePolicy))
    .option('--explain', 'say in words what happened to each address, and why')
    .addOption(json('the trace of the dial'))
    .option('--svg <file>', 'write the waterfall to a file as well')
    .addOption(timeout())
    .addHelpText('after', examples([
      'dial /ip4/127.0.0.1/tcp/4001',
      'dial /ip4/127.0.0.1/tcp/4001 /ip6/::1/tcp/1 --explain',
      'dial /ip4/127.0.0.1/tcp/4001 --json > trace.json'
    ]))
    .action(async (target: string[], options: DialOptions) => { exit(await dial(target, options, context)) })

  all.command('compare')
    .description('dial a peer with several presets, each with a new node, one after another')
    .argument('<target...>', TARGET)
    .addOption(new Option('--presets <names>', 'presets with commas between them').argParser(names).default(['stock', 'adaptive'], 'stock,adaptive'))
    .addOption(json('preset, trace and error of each dial'))
    .addOption(timeout())
    .addHelpText('after', examples(['compare /ip4/127.0.0.1/tcp/4001 --presets stock,goLike']))
    .action(async (target: string[], options: CompareOptions) => { exit(await compare(target, options, context)) })

  all.command('replay')
    .description('run a recorded dial through another pipeline, in virtual time. Nothing is dialled')
    .argument('<trace.json>', 'a file with what dial --json has printed, or - for the standard input')
    .addOption(new Option('--preset <names>', 'presets with commas between them (default: adaptive)').argParser(names))
    .addOption(pipeline())
    .addOption(json('the trace of each dial'))
    .addHelpText('after', examples(['replay trace.json --preset stock,staggered', 'replay trace.json --pipeline ./pipeline.js --json']))
    .action(async (file: string, options: ReplayOptions) => { exit(await replay(file, options, context)) })

  all.command('presets')
    .description('list the presets, and the stages of each')
    .addOption(json('them'))
    .action((options: { json?: boolean }) => { printPresets(context, options) })

  all.command('stages')
    .description('list the stages, and the functions that make and combine stages')
    .addOption(json('them'))
    .action((options: { json?: boolean }) => { printStages(context, options) })

  all.command('simulate')
    .description('dial peers of a simulated network with several presets, in virtual time. Nothing is dialled')
    .addOption(new Option('--presets <names>', 'presets with commas between them').argParser(names).default(['stock', 'staggered', 'adaptive'], 'stock,staggered,adaptive'))
    .addOption(pipeline())
    .addOption(new Option('--address <kind...>', `addresses of each peer: ${Object.keys(TRANSPORTS).join(', ')}; then good= (the share that connects), refuses=, stalls=, count=`).argParser(addressKind).default([], 'tcp and quic,good=0.5'))
    .addOption(new Option('--peers <n>', 'how many peers').argParser(text => wholeNumber(text, 100_000)).default(200))
    .addOption(new Option('--seed <n>', 'draws other peers').argParser(text => wholeNumber(text)).default(1))
    .addOption(new Option('--round-trip <ms>', 'median round trip').argParser(milliseconds).default(80))
    .addOption(new Option('--online <share>', 'share of peers that are online').argParser(probability).default(1))
    .addOption(new Option('--loss <share>', 'share of packets that are lost').argParser(probability).default(0))
    .addOption(new Option('--knows <what>', 'what the dialling node knows already').choices(['nothing', 'others', 'peers']).default('nothing'))
    .addOption(json('the results'))
    .addHelpText('after', examples([
      'simulate --address tcp,good=0.5,count=4 --online 0.8',
      'simulate --presets stock,adaptive --knows peers'
    ]))
    .action(async (options: SimulateOptions) => { await printSimulation(options, context) })

  all.addHelpText('after', `
Exit codes: 0 connected, 1 not connected, 2 wrong arguments, 130 interrupted.
Colours are left out where NO_COLOR is set.
${examples(['dial /ip4/127.0.0.1/tcp/4001 --explain', 'replay trace.json --preset stock,staggered', 'dial --help'])}`)

  for (const command of [all, ...all.commands]) {
    command
      .exitOverride()
      .showHelpAfterError('(add --help for the options)')
      .configureOutput({
        writeOut: text => { context.stdout.write(text) },
        writeErr: text => { context.stderr.write(text) },
        getOutHelpWidth: () => context.columns,
        getErrHelpWidth: () => context.columns,
        getOutHasColors: () => false,
        getErrHasColors: () => false
      })
  }

  return all
}

function examples (lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ ${NAME} ${line}`).join('\n')}`
}
