/** The formats by name. */
import type { Report } from '../report';
import type { Colours } from '../terminal';
import { formatConcise } from './concise';
import { formatGithub } from './github';
import { formatGitlab } from './gitlab';
import { formatJson } from './json';
import { formatJsonl } from './jsonl';
import { formatJunit } from './junit';
import { formatMarkdown } from './markdown';
import { formatPretty } from './pretty';
import { formatSarif } from './sarif';

export const formatNames = ['pretty', 'concise', 'json', 'jsonl', 'sarif', 'github', 'gitlab', 'junit', 'markdown'] as const;

export type FormatName = (typeof formatNames)[number];

/** The report as text; only `pretty` and `concise` use colours. */
export type Format = (report: Report, colours: Colours) => string;

export const formats: Readonly<Record<FormatName, Format>> = {
  pretty: formatPretty,
  concise: formatConcise,
  json: formatJson,
  jsonl: formatJsonl,
  sarif: formatSarif,
  github: formatGithub,
  gitlab: formatGitlab,
  junit: formatJunit,
  markdown: formatMarkdown,
};
