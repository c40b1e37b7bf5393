/** Every rule, by id. Kept in alphabetical order; a test compares it with the folder. */
import type { Rule } from '../rule';

export const rules: readonly Rule[] = [];
