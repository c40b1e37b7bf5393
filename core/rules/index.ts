/** Every rule, by id. Kept in alphabetical order; a test compares it with the folder. */
import type { Rule } from '../rule';
import suppressionWithoutReason from './suppression/suppression-without-reason';
import unusedSuppression from './suppression/unused-suppression';

export const rules: readonly Rule[] = [suppressionWithoutReason, unusedSuppression];
