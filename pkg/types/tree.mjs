// The type of an API for a client: its paths for completion, and as a tree of segments in which a path is found.

/** The type `type` of the API whose paths these are, below `base`. */
export function treeOf(paths, type, name, base) {
  // Calls name the accounting API by its paths alone, and every other by its base as well.
  const below = name === "accounting" ? "" : base;
  const root = {};
  for (const path of paths) {
    let node = root;
    for (const segment of path.split("/").slice(1)) node = node[segment.startsWith("{") ? "{}" : segment] ??= {};
    node[""] = path;
  }
  // The documented address of connections is written small.
  if (name === "identity") (root.connections = root.Connections), delete root.Connections;
  const short = name === "identity" ? (path) => path.replace("/Connections", "/connections") : (path) => path;
  const hints = paths.map((path) => `\t\t"${below}${short(path)}": unknown;\n`).join("");
  const prefix = base.split("/").slice(1);
  const full = prefix.reduceRight((inner, segment) => `{ "${segment}": ${inner} }`, "Tree");
  const tree = name === "accounting" ? `Tree & ${full}` : full;
  return `interface Tree {\n${drawn(root, "\t")}}
/** The API for the type argument of a client: \`new CustomConnection<${type}>(…)\`. Several are joined with \`&\`. */
export interface ${type} {
	/** The paths that an editor offers; a value takes the place of each name in braces. */
	readonly paths: {
${hints}	};
	/** The paths by their segments. */
	readonly tree: ${tree};
}
`;
}

function drawn(node, indent) {
  return Object.entries(node)
    .map(([segment, inner]) =>
      segment === "" ? `${indent}"": paths["${inner}"];\n` : `${indent}"${segment}": {\n${drawn(inner, `${indent}\t`)}${indent}};\n`,
    )
    .join("");
}
