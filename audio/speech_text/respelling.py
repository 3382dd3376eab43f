def respell(words: str) -> str:
    return words
