"""Whose voice a model is, by its name: one family must not agree with itself through two servers."""

import pytest

from reviewbot.council.family import family


@pytest.mark.parametrize(
    ("models", "maker"),
    [
        ("anthropic/claude-sonnet-5-5 us.anthropic.claude-sonnet-5-5 claude-3", "anthropic"),
        ("gpt-oss:20b o3-mini openai/chatgpt-4o-latest openai.gpt-6.1-sol gpt4o gpt-35-turbo", "openai"),
        ("google/gemma-4 codegemma medgemma:4b models/gemini-4-argon", "google"),
        ("meta-llama/Llama-4 codellama nvidia/llama-3.1-nemotron meta.llama4-maverick facebook/opt", "meta"),
        ("codestral ministral-8b pixtral-large mixtral:8x7b magistral mistralai/whatever", "mistral"),
        ("phi3 phi4-mini phi-4 phi", "microsoft"),
        ("qwen3:8b qwen2.5-coder Qwen/Qwen3-Coder-30B qwq", "alibaba"),
        ("kimi-k2 moonshotai/kimi accounts/fireworks/models/kimi-k2", "moonshot"),
        ("command-r-plus cohere.command-r cohere/north", "cohere"),
        ("nova-pro-v1:0 amazon.nova-lite-v1:0", "amazon"),
        ("deepseek-r1:8b deepseek.r1-v1:0 deepseek-ai/anything", "deepseek"),
        ("ai21.jamba-1-5 jamba-large", "ai21"),
        ("z-ai/glm-5 chatglm3 zai-org/new", "zhipu"),
        ("nousresearch/hermes-4", "nousresearch"),
        ("opus orca gpt4all-j gpt-neo house-blend models/mine rules/builtin a_b/c", None),
    ],
)
def test_a_family_is_who_trained_it_or_else_who_publishes_it(models: str, maker: str | None) -> None:
    found = {model: family(model) for model in models.split()}
    assert found == dict.fromkeys(found, maker)
