/** What the user is told in a sentence; nothing was written. */
export class Refusal extends Error {}
