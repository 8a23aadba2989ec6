import type { Option } from './values.ts'

export const refusing = 'InvalidParametersError' as const

export async function refusalOf (make: () => unknown): Promise<Error | undefined> {
  try {
    await make()
  } catch (err) {
    return err as Error
  }
}

/** Ignores an error with this text, which is thrown after the checks */
export function passing (text: RegExp, make: (options: any) => unknown): (options: any) => Promise<void> {
  return async options => {
    const error = await refusalOf(() => make(options))

    if (error != null && !text.test(error.message)) {
      throw error
    }
  }
}

/** A factory or method with options */
export interface CheckedFunction {
  make: (options: any) => unknown
  options: Record<string, Option>
  /** Name of its errors. Default: that of a stage's */
  error?: 'InvalidParametersError'
  /** Required options */
  required?: Record<string, unknown>
  /** Options that refuse undefined */
  defined?: readonly string[]
}
