// The text of openapi-typescript without what nobody reads: its size is part of the installed package.

/** Returns declarations with the same types in fewer bytes. */
export function compact(text) {
  return text
    .replace(/^export type webhooks = .*\n/m, "")
    .replace(/^export type \$defs = .*\n/m, "")
    // Members that are never there.
    .replace(/^ +(?:get|put|post|delete|options|head|patch|trace|path|cookie|header|requestBody|content|responses|parameters|requestBodies|headers|pathItems|schemas)\??: never;\n/gm, "")
    .replace(/^ +headers: \{\n +\[name: string\]: unknown;\n +\};\n/gm, "")
    .replace(/^ +parameters: \{\n +query\?: never;\n +\};\n(?= +(?:\/\*\*|get|put|post|delete|patch))/gm, "")
    .replace(/^ +\/\*\* @description (.*?) ?\*\/$/gm, (line, words) => line.replace(/\/\*\*.*/, `/** ${words} */`))
    // A list of records, or one record: what has the name of the list in it is a list.
    .replace(/"application\/json": (components\["schemas"\]\["(\w+)"\]) \| (components\["schemas"\]\["\w+"\]);/g, '"application/json": $1 | ($3 & { $2?: never });')
    .replaceAll("* @description ", "* ")
    .replace(/^( +)\/\*\*\n +\* (.*)\n +\*\/$/gm, "$1/** $2 */")
    .replace(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4));
}
