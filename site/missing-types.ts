import { Converter, makeRecursiveVisitor, ReflectionKind } from 'typedoc'
import type { Application, Context, DeclarationReflection, Reflection, SomeType } from 'typedoc'

const TYPES = ReflectionKind.Interface | ReflectionKind.TypeAlias

/** The other plugin's place in the order of listeners */
const PLACE = 1e9

/**
 * A plugin of typedoc. `typedoc-plugin-missing-exports` adds all that an exported name leads to, so that the options of a factory have
 * a page. This plugin keeps the types among them that signatures name. It removes the rest: the inside of the dialer, and types that
 * compute types, such as those that check the order of a pipeline
 */
export function load (app: Application): void {
  let exported: DeclarationReflection[] = []

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    exported = membersOf(project)
  }, PLACE + 1)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const kept = namedBy(exported)

    membersOf(project).filter(one => !kept.has(one)).forEach(one => { project.removeReflection(one) })
  }, PLACE - 1)
}

function membersOf (project: Context['project']): DeclarationReflection[] {
  return project.getChildrenByKind(ReflectionKind.Module).flatMap(({ children = [] }) => children)
}

/** Returns declarations, and the types that these name, directly or through one another */
function namedBy (declarations: readonly DeclarationReflection[]): Set<Reflection> {
  const found = new Set<Reflection>(declarations)

  function visit (reflection: Reflection): void {
    const { type, extendedTypes = [], default: fallback } = reflection as Reflection & { type?: SomeType, extendedTypes?: SomeType[], default?: SomeType }

    for (const one of [type, fallback, ...extendedTypes]) {
      one?.visit(visitor)
    }

    reflection.traverse(child => {
      if (!child.flags.isPrivate) {
        visit(child)
      }

      return true
    })
  }

  const visitor = makeRecursiveVisitor({
    reference: ({ reflection }) => {
      if (reflection?.kindOf(TYPES) === true && !isComputed(reflection) && !found.has(reflection)) {
        found.add(reflection)
        visit(reflection)
      }
    },
    reflection: ({ declaration }) => { visit(declaration) }
  })
  declarations.forEach(visit)

  return found
}

function isComputed (reflection: Reflection): boolean {
  return reflection.kindOf(ReflectionKind.TypeAlias) && ((reflection as DeclarationReflection).typeParameters ?? []).length > 0
}
