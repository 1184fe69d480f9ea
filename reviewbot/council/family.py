"""Whose weights a model's name speaks of. A vendor's model behind somebody's server is still that vendor's voice. Pure.

Knows names of models and of those who publish them; nothing of servers.
"""

import re

from reviewbot.findings import RULES

FAMILIES = {
    "01-ai": r"yi\b",
    "ai21": r"jamba",
    "alibaba": r"(code)?qwen|qwq|qvq|tongyi",
    "allenai": r"olmo|tulu",
    "amazon": r"nova\b|titan",
    "anthropic": r"claude",
    "baidu": r"ernie",
    "bytedance": r"doubao|seed-",
    "cohere": r"command\b|c4ai|aya\b",
    "deepseek": r"deepseek",
    "google": r"gemini|\w*gemma|learnlm",
    "huggingface": r"smollm",
    "ibm": r"granite",
    "lg": r"exaone",
    "meta": r"(meta-)?(code-?)?llama",
    "microsoft": r"phi(-?\d|\b)|mai-|wizardlm",
    "minimax": r"minimax|abab",
    "mistral": r"(mi|mini|magi|code|dev|math)stral|(mix|pix|vox)tral",
    "moonshot": r"kimi|moonshot",
    "nvidia": r"nemotron",
    "openai": r"(chat)?gpt(?!-?(neo|j\b|4all))|o[1345]\b|codex|davinci",
    "perplexity": r"sonar",
    "tencent": r"hunyuan",
    "tii": r"falcon",
    "xai": r"grok",
    "xiaomi": r"mimo",
    "zhipu": r"(chat)?glm|codegeex",
}
"""Who trained it, by how the name begins. A model somebody trained further is its first maker's still."""
PUBLISHERS = {
    "alibaba-cloud": "alibaba", "cohereforai": "cohere", "coherelabs": "cohere", "deepseek-ai": "deepseek",
    "facebook": "meta", "ibm-granite": "ibm", "meta-llama": "meta", "minimaxai": "minimax", "mistralai": "mistral",
    "moonshotai": "moonshot", "qwen": "alibaba", "thudm": "zhipu", "tiiuae": "tii", "x-ai": "xai", "z-ai": "zhipu",
    "zai": "zhipu", "zai-org": "zhipu",
}  # fmt: skip
"""The other names they publish under, as hubs and routers write them before the slash."""
_NO_PUBLISHER = frozenset({"model", "models", "deployments", RULES})
_DOTTED = re.compile(r"((?:[a-z]{2,}|ai21)\.)+")
"""Bedrock writes us.anthropic.claude-..., with the region first."""


def family(model: str) -> str | None:
    """Who trained it, else who publishes it, as far as the name says; None where it says nothing."""
    path, _, name = model.lower().rpartition("/")
    dotted = _DOTTED.match(name)
    base = name[dotted.end() :] if dotted else name
    if maker := next((maker for maker, pattern in FAMILIES.items() if re.match(pattern, base)), None):
        return maker
    publisher = dotted[1].rstrip(".") if dotted else path.rpartition("/")[2]
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", publisher) or publisher in _NO_PUBLISHER:
        return None
    return PUBLISHERS.get(publisher, publisher)
