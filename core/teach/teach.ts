/** What there is to learn at a place in a file: about a quorum, or about a call that reaches other nodes. Silent everywhere else. */
import type { FileFacts } from '../facts/facts';
import type { ProjectFacts } from '../project/project';
import { callLessonAt } from './calls';
import type { Lesson } from './lesson';
import { quorumLessonAt } from './quorum';

/** The lesson at an offset of the file's text, the narrower one where a call stands in a quorum; without a project no size is marked. */
export function lessonAt(file: FileFacts, offset: number, project?: ProjectFacts): Lesson | undefined {
  return callLessonAt(file, offset, project) ?? quorumLessonAt(file, offset, project);
}
