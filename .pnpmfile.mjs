// What only tests load brings its own bundle: the hundreds of packages that it was made from are left out.
export const hooks = {
  readPackage(manifest) {
    if (manifest.name === 'anymap-ts') Object.assign(manifest, { dependencies: {}, peerDependencies: {} })
    return manifest
  },
}
