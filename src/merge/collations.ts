/** How a server compares strings of a collation, as far as weights alone do not tell. */
export interface CollationFacts {
  /** Weight of a space, one character for each byte. */
  readonly space: string
  /** Whether spaces at the end do not count: PAD SPACE. */
  readonly isPadded: boolean
}

/**
 * Collations with one level of weights: in weight strings of several, one level of the whole string stands behind the
 * other, so that a padded comparison would have to know where each ends. Accents or case as a level of their own show in
 * the name (`_as_ci`, `_ai_cs`, `_as_cs`, `_w2` of Thai); Czech of latin2 and cp1250 has four under the name `_cs`.
 * Others are refused because nobody has looked at them: https://mariadb.com/kb/en/supported-character-sets-and-collations/
 */
export function hasLevels(collation: string): boolean {
  if (/(?:_as_ci|_cs|_w2)$/u.test(collation)) return true
  return !/^(?:utf8mb4|utf8mb3|utf8|latin1|ascii)_(?:[a-z0-9_]+_)?(?:ci|bin)$/u.test(collation)
}
