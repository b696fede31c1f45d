/** Every error code of localapp with the HTTP status that it answers with. The docs list each one. */
export const errorCodes = {
  LOCALAPP_ACTION_FAILED: 500,
  LOCALAPP_ACTION_UNKNOWN: 404,
  LOCALAPP_APPROVAL_GONE: 409,
  LOCALAPP_BAD_REQUEST: 400,
  LOCALAPP_BODY_TOO_LARGE: 413,
  LOCALAPP_CHANGED_SINCE: 409,
  LOCALAPP_COMMAND: 400,
  LOCALAPP_CONFLICT: 409,
  LOCALAPP_DATA_BUSY: 503,
  LOCALAPP_DATA_FULL: 507,
  LOCALAPP_DATA_NEWER: 500,
  LOCALAPP_DATA_NOT_A_DATABASE: 500,
  LOCALAPP_DATA_READ_ONLY: 500,
  LOCALAPP_DECLARATION: 500,
  LOCALAPP_FORBIDDEN: 403,
  LOCALAPP_HTML: 500,
  LOCALAPP_INVALID: 422,
  LOCALAPP_NOT_FOUND: 404,
  LOCALAPP_NOT_UNDOABLE: 409,
  LOCALAPP_PLUGIN: 500,
  LOCALAPP_PORT_IN_USE: 500,
  LOCALAPP_SCHEMA_QUESTION: 500,
  LOCALAPP_TIMEOUT: 503,
  LOCALAPP_TRANSACTION: 500,
  LOCALAPP_UNAUTHORIZED: 401,
} as const

/** A stable name of what went wrong. */
export type ErrorCode = keyof typeof errorCodes

const brand = Symbol.for('localapp.error')

/**
 * An error that is meant to be read by a person: `message` says what happened and why, `fix` what to do.
 * Everything that localapp itself refuses or reports is one of these.
 */
export class LocalappError extends Error {
  static {
    Object.defineProperty(LocalappError.prototype, brand, { value: true })
  }
  override readonly name = 'LocalappError'
  readonly code: ErrorCode
  readonly fix: string

  constructor(code: ErrorCode, message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.fix = fix
  }

  /** What other programs see of it. */
  toJSON(): { code: ErrorCode; message: string; fix: string } {
    const { code, message, fix } = this
    return { code, message, fix }
  }

  /** The HTTP status that this error answers with. */
  get status(): number {
    return errorCodes[this.code]
  }
}

/** Builds a {@link LocalappError}; `message` says what happened and why, `fix` what to do about it. */
export function localappError(code: ErrorCode, message: string, fix: string, cause?: unknown): LocalappError {
  return new LocalappError(code, message, fix, cause)
}

/** Tells whether a value is a {@link LocalappError}, also one of another copy of this package. */
export function isLocalappError(value: unknown): value is LocalappError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Turns whatever was thrown into a {@link LocalappError}; a foreign error keeps its message and becomes the cause. */
export function asLocalappError(thrown: unknown, code: ErrorCode, what: string, fix: string): LocalappError {
  if (isLocalappError(thrown)) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return localappError(code, `${what}: ${/[.!?]$/.test(reason) ? reason : `${reason}.`}`, fix, thrown)
}

/** Parses JSON that a person or a program wrote: `what` names it where it is none, `fix` says what to do. */
export function parseJson(text: string, code: ErrorCode, what: string, fix: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw asLocalappError(error, code, `${what} is not JSON`, fix)
  }
}

/** Tells the terminal what was not meant for the user, stack and all. */
export function report(what: string, thrown: unknown): void {
  process.stderr.write(`${what} ${thrown instanceof Error ? thrown.stack : thrown}\n`)
}
