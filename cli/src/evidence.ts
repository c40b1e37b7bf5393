/** What is known of a project's cluster, and how: for `--explain-project`. */
import path from 'node:path';
import { evidenceOf, signsThatCount } from '../../core/project/evidence';
import type { Place, ProjectFacts } from '../../core/project/project';
import { rules } from '../../core/rules/index';
import { lineStarts, positionAt } from '../../core/text';
import type { Disk } from './disk';
import { relativePath } from './paths';

/** Each sign of a cluster with its place, and what follows from them for the rules that only matter in one; lines for stderr. */
export function explainProject(project: ProjectFacts, cwd: string, disk: Disk): string {
  const name = relativePath(cwd, project.root);
  const shown = name === '.' ? 'the project in the working directory' : `the project \`${name}\``;
  const place = (at: Place): string => placeOf(project, at, cwd, disk);
  const signs = project.signs.map((sign) => `  ${place(sign)}: ${sign.what}`);
  const only = rules.filter((rule) => rule.onlyInCluster).map((rule) => `  ${rule.id}`);
  const kept = 'rules that only matter in a cluster keep their severity';
  switch (evidenceOf(project)) {
    case 'signs':
      return [`${shown} is clustered, and ${kept}. Signs of it:`, ...signs, ...sizes(project, place)].join('\n');
    case 'package':
      return [
        `${shown} shows no sign of a cluster, but is described as a package: others run it, perhaps in clusters, so that ${kept}.`,
        ...(project.package ? [`  ${place(project.package)}: \`package\``] : []),
        ...sizes(project, place),
      ].join('\n');
    case 'none':
      return [
        `${shown} shows no sign of a cluster, so that these rules speak as \`info\` unless the configuration says otherwise:`,
        ...only,
        'A sign would be:',
        ...signsThatCount.map((sign) => `  - ${sign}`),
        ...sizes(project, place),
      ].join('\n');
  }
}

function sizes(project: ProjectFacts, place: (at: Place) => string): readonly string[] {
  const { clusterSize, otp } = project;
  return [
    ...(clusterSize ? [`It has ${clusterSize.size} nodes or voting members:`, `  ${place(clusterSize)}`] : []),
    ...(otp ? [`Its lowest Erlang/OTP is ${otp.major}:`, `  ${place(otp)}`] : []),
  ];
}

/** `lib/a.ex:3:5`, from the working directory. */
function placeOf({ root, files }: ProjectFacts, at: Place, cwd: string, disk: Disk): string {
  const file = path.resolve(root, at.path);
  const shown = relativePath(cwd, file);
  const source = disk.read(file);
  const text = files.get(at.path)?.text ?? (source.kind === 'text' ? source.text : undefined);
  if (text === undefined) return shown;
  const { line, column } = positionAt(lineStarts(text), at.range.start);
  return `${shown}:${line}:${column}`;
}
